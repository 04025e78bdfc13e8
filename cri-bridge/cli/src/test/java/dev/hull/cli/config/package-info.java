@NullMarked
package dev.hull.cli.config;

import org.jspecify.annotations.NullMarked;
