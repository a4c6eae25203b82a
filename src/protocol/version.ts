/** Raised when a message between two of Skein's processes changes its meaning. */
export const PROTOCOL_VERSION = 1;
