/** Tests of the streams. */
@NullMarked
package dev.hull.cli.stream;

import org.jspecify.annotations.NullMarked;
