/** The daemon's settings file. */
@NullMarked
package dev.hull.cri.bridge.settings;

import org.jspecify.annotations.NullMarked;
