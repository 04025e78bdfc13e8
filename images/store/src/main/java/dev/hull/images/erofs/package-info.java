/**
 * Writes EROFS images that Linux 5.15 and later mount: uncompressed, blocks of 4096 bytes, file
 * data as it streams in and metadata behind it.
 *
 * <p>Names, link targets and values of extended attributes are bytes to Linux. Here they are
 * <em>byte strings</em>: Strings with one char for each byte (ISO 8859-1), which the JVM keeps in
 * as many bytes, and whose natural order is the order of EROFS directories.
 */
@NullMarked
package dev.hull.images.erofs;

import org.jspecify.annotations.NullMarked;
