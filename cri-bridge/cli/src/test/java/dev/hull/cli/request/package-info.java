@NullMarked
package dev.hull.cli.request;

import org.jspecify.annotations.NullMarked;
