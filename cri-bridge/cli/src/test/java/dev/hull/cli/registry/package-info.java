@NullMarked
package dev.hull.cli.registry;

import org.jspecify.annotations.NullMarked;
