/** What a run needs of this machine, checked one thing at a time. */
@NullMarked
package dev.hull.cri.doctor;

import org.jspecify.annotations.NullMarked;
