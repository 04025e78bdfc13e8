@NullMarked
package dev.hull.tests.streaming;

import org.jspecify.annotations.NullMarked;
