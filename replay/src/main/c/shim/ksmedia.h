/* Stand-in for the WDK header of this name: allocators need nothing of it beyond ks.h. */
#include "ks.h"
