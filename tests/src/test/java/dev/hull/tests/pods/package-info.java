@NullMarked
package dev.hull.tests.pods;

import org.jspecify.annotations.NullMarked;
