/** What hull bench found, as text, as JSON and as a page; and whether it keeps to its bounds. */
@NullMarked
package dev.hull.cli.bench;

import org.jspecify.annotations.NullMarked;
