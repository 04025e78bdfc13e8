/** What CRI says of namespaces, of a sandbox and of its containers alike. */
@NullMarked
package dev.hull.cri.bridge.namespace;

import org.jspecify.annotations.NullMarked;
