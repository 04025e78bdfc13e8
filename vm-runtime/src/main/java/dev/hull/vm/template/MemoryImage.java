package dev.hull.vm.template;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * The memory of a saved machine: a file with holes, and beside it a list of what is none, so that a
 * copy touches only that. The list has the size and the number of runs in its first line, then an
 * offset and a length in each.
 */
record MemoryImage(Path file, Path list) {
  private static final int PAGE = 4096;
  private static final int WINDOW = 256 * PAGE;

  /** A run of bytes that are not all zero. */
  private record Extent(long offset, long length) {}

  /**
   * Writes it, from the memory file of a machine that stands still.
   *
   * @throws IOException also if the disk is full
   */
  void writeFrom(Path memory) throws IOException {
    try (FileChannel from = FileChannel.open(memory);
        FileChannel to =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      List<Extent> extents = extents(from);
      copy(extents, from, to);
      to.force(true);
      StringBuilder lines = new StringBuilder(from.size() + " " + extents.size() + "\n");
      extents.forEach(
          extent -> lines.append(extent.offset()).append(' ').append(extent.length()).append('\n'));
      try (FileChannel listed =
          FileChannel.open(list, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(lines.toString().getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
          listed.write(bytes);
        }
        listed.force(true);
      }
    }
  }

  /** By reading: holes read as zeros, and reading does not fill them. */
  private static List<Extent> extents(FileChannel memory) throws IOException {
    List<Extent> extents = new ArrayList<>();
    ByteBuffer window = ByteBuffer.allocateDirect(WINDOW);
    MemorySegment bytes = MemorySegment.ofBuffer(window);
    MemorySegment zeros = MemorySegment.ofBuffer(ByteBuffer.allocateDirect(PAGE));
    long size = memory.size();
    long begin = -1;
    for (long offset = 0; offset < size; offset += WINDOW) {
      window.clear();
      int wanted = (int) Math.min(WINDOW, size - offset);
      while (window.position() < wanted) {
        if (memory.read(window, offset + window.position()) < 0) {
          throw new IOException("it became shorter while it was read");
        }
      }
      for (int page = 0; page < wanted; page += PAGE) {
        int length = Math.min(PAGE, wanted - page);
        boolean empty = bytes.asSlice(page, length).mismatch(zeros.asSlice(0, length)) < 0;
        long here = offset + page;
        if (!empty && begin < 0) {
          begin = here;
        } else if (empty && begin >= 0) {
          extents.add(new Extent(begin, here - begin));
          begin = -1;
        }
      }
    }
    if (begin >= 0) {
      extents.add(new Extent(begin, size - begin));
    }
    return extents;
  }

  private static void copy(List<Extent> extents, FileChannel from, FileChannel to)
      throws IOException {
    for (Extent extent : extents) {
      to.position(extent.offset());
      long done = 0;
      while (done < extent.length()) {
        long count = from.transferTo(extent.offset() + done, extent.length() - done, to);
        if (count <= 0) {
          throw new IOException("it ends before " + (extent.offset() + extent.length()));
        }
        done += count;
      }
    }
  }

  /**
   * Makes a copy with the same holes. The file must exist and be empty.
   *
   * @throws IOException if the image is damaged, or the target is full
   */
  void copyTo(Path target) throws IOException {
    try (FileChannel from = FileChannel.open(file);
        FileChannel to = FileChannel.open(target, StandardOpenOption.WRITE)) {
      List<Extent> lines = readList();
      long size = lines.getFirst().offset();
      copy(lines.subList(1, lines.size()), from, to);
      if (to.size() < size) {
        to.write(ByteBuffer.allocate(1), size - 1);
      }
    }
  }

  /** The bytes that a copy takes. */
  long dataBytes() throws IOException {
    return readList().stream().skip(1).mapToLong(Extent::length).sum();
  }

  /** With the first line, which is of the same form. */
  private List<Extent> readList() throws IOException {
    try {
      List<Extent> lines = Files.readAllLines(list).stream().map(MemoryImage::parse).toList();
      if (lines.isEmpty() || lines.getFirst().length() != lines.size() - 1) {
        throw new IOException(list + " is not complete");
      }
      return lines;
    } catch (NumberFormatException | IndexOutOfBoundsException | UncheckedIOException e) {
      throw new IOException(list + " is damaged: " + e.getMessage(), e);
    }
  }

  private static Extent parse(String line) {
    int space = line.indexOf(' ');
    return new Extent(
        Long.parseLong(line, 0, space, 10), Long.parseLong(line, space + 1, line.length(), 10));
  }
}
