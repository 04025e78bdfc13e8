/** What CRI says of AppArmor and SELinux, of a sandbox and of its containers alike. */
@NullMarked
package dev.hull.cri.bridge.confinement;

import org.jspecify.annotations.NullMarked;
