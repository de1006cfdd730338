'use strict';
/* The colours of the system, before anything is drawn; the reader may change them later. */
document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
