/** What pods refer to: ConfigMaps, Secrets and claims, by name. */
@NullMarked
package dev.hull.cli.objects;

import org.jspecify.annotations.NullMarked;
