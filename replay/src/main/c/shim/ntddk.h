/* Stand-in for the WDK header of this name: everything is in wdm.h. */
#include "wdm.h"
