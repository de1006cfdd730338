/**
 * Event traces of Windows as {@code tracerpt} writes them in XML, for those who cannot hand out the
 * .etl file.
 *
 * <p>Start with {@link dev.kstrace.capture.xml.TracerptImport}.
 */
@NullMarked
package dev.kstrace.capture.xml;

import org.jspecify.annotations.NullMarked;
