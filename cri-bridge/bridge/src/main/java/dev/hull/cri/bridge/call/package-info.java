/** What every call has in common: its shape, its log line, and how an error becomes a status. */
@NullMarked
package dev.hull.cri.bridge.call;

import org.jspecify.annotations.NullMarked;
