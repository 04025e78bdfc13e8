/** What a person types, with real machines. */
@NullMarked
package dev.hull.tests.commands;

import org.jspecify.annotations.NullMarked;
