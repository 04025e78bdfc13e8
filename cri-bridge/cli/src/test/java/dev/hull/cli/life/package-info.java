@NullMarked
package dev.hull.cli.life;

import org.jspecify.annotations.NullMarked;
