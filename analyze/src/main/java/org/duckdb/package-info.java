/** One class that takes the place of the driver's own, see {@link org.duckdb.JfrMemoryMonitor}. */
@NullMarked
package org.duckdb;

import org.jspecify.annotations.NullMarked;
