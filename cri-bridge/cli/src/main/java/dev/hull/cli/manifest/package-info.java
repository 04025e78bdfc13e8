/**
 * Manifests as people write them: read strictly, every field meant, said to be unused, or refused.
 */
@NullMarked
package dev.hull.cli.manifest;

import org.jspecify.annotations.NullMarked;
