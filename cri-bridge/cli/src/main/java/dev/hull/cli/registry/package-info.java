/** With which names and passwords images are fetched. */
@NullMarked
package dev.hull.cli.registry;

import org.jspecify.annotations.NullMarked;
