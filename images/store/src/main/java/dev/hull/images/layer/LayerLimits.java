package dev.hull.images.layer;

/**
 * What a layer may ask for. With the defaults the transcoder keeps at most about 500 MB in memory,
 * and 250 bytes and the name for each entry of an ordinary layer.
 *
 * @param entries files, directories, links and whiteouts, with the directories that the layer
 *     leaves out
 * @param nameBytes of all names, link targets and extended attributes together
 * @param extents of all sparse files together
 * @param headerBytes of one PAX header, one long name or one sparse map
 * @param fileBytes of one file
 */
record LayerLimits(long entries, long nameBytes, long extents, int headerBytes, long fileBytes) {
  static final LayerLimits DEFAULT =
      new LayerLimits(1_000_000, 128L << 20, 1_000_000, 1 << 20, 8L << 40);

  /** What Linux takes for a path. */
  static final int PATH_BYTES = 4095;

  /** As Linux has it, for one path. */
  static final int LINKS_FOLLOWED = 40;

  /** For all paths of a layer: following links is the one thing that costs more than it weighs. */
  static final long ALL_LINKS_FOLLOWED = 1_000_000;
}
