package dev.hull.guestimage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A 64-bit little-endian ELF file, as far as the recipe asks: sections, and what a program needs.
 */
final class Elf {
  private static final int HEADER = 64;
  private static final int SECTION_HEADER = 64;
  private static final int PROGRAM_HEADER = 56;
  private static final int SECTION_DYNAMIC = 6;
  private static final int SEGMENT_INTERPRETER = 3;
  private static final int DYNAMIC_NEEDED = 1;

  private final Path file;
  private final ByteBuffer bytes;

  private Elf(Path file, ByteBuffer bytes) {
    this.file = file;
    this.bytes = bytes;
  }

  static Elf read(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    if (!isElf(bytes)) {
      throw new IOException(file + " is not a 64-bit little-endian ELF file");
    }
    return new Elf(file, bytes);
  }

  static boolean isElf(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return isElf(ByteBuffer.wrap(in.readNBytes(HEADER)).order(ByteOrder.LITTLE_ENDIAN));
    }
  }

  private static boolean isElf(ByteBuffer bytes) {
    return bytes.limit() >= HEADER
        && bytes.getInt(0) == 0x464c457f
        && bytes.get(4) == 2
        && bytes.get(5) == 1;
  }

  /** The values of a key in a kernel module's {@code .modinfo}. */
  List<String> moduleInfo(String key) throws IOException {
    List<String> values = new ArrayList<>();
    for (Section section : sections()) {
      if (section.name().equals(".modinfo")) {
        String text = string(section.offset(), section.size());
        for (String entry : text.split("\0", -1)) {
          if (entry.startsWith(key + "=")) {
            values.add(entry.substring(key.length() + 1));
          }
        }
      }
    }
    return values;
  }

  /** The names of the shared libraries that it is linked with. */
  List<String> neededLibraries() throws IOException {
    List<Section> sections = sections();
    List<String> needed = new ArrayList<>();
    for (Section section : sections) {
      if (section.type() != SECTION_DYNAMIC) {
        continue;
      }
      Section strings = at(sections, section.link());
      for (int i = section.offset(); i + 16 <= section.offset() + section.size(); i += 16) {
        if (bytes.getLong(i) == DYNAMIC_NEEDED) {
          needed.add(stringAt(strings, (int) bytes.getLong(i + 8)));
        }
      }
    }
    return needed;
  }

  /** The program that starts it: the dynamic loader. */
  Optional<String> interpreter() throws IOException {
    int start = checked(bytes.getLong(32));
    int count = Short.toUnsignedInt(bytes.getShort(56));
    for (int i = 0; i < count; i++) {
      int header = start + i * PROGRAM_HEADER;
      check(header, PROGRAM_HEADER);
      if (bytes.getInt(header) == SEGMENT_INTERPRETER) {
        String name =
            string(checked(bytes.getLong(header + 8)), checked(bytes.getLong(header + 32)));
        return Optional.of(name.substring(0, name.indexOf('\0')));
      }
    }
    return Optional.empty();
  }

  private record Section(String name, int type, int offset, int size, int link) {}

  private List<Section> sections() throws IOException {
    int start = checked(bytes.getLong(40));
    int count = Short.toUnsignedInt(bytes.getShort(60));
    int names = Short.toUnsignedInt(bytes.getShort(62));
    List<Section> unnamed = new ArrayList<>();
    List<Integer> nameOffsets = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int header = start + i * SECTION_HEADER;
      check(header, SECTION_HEADER);
      nameOffsets.add(bytes.getInt(header));
      unnamed.add(
          new Section(
              "",
              bytes.getInt(header + 4),
              checked(bytes.getLong(header + 24)),
              checked(bytes.getLong(header + 32)),
              bytes.getInt(header + 40)));
    }
    List<Section> sections = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Section section = unnamed.get(i);
      sections.add(
          new Section(
              stringAt(at(unnamed, names), nameOffsets.get(i)),
              section.type(),
              section.offset(),
              section.size(),
              section.link()));
    }
    return sections;
  }

  private Section at(List<Section> sections, int index) throws IOException {
    if (index < 0 || index >= sections.size()) {
      throw new IOException(file + " has no section " + index);
    }
    return sections.get(index);
  }

  private String stringAt(Section table, int offset) throws IOException {
    int start = table.offset() + offset;
    check(start, 1);
    int end = start;
    while (end < bytes.limit() && bytes.get(end) != 0) {
      end++;
    }
    return string(start, end - start);
  }

  private String string(int offset, int length) throws IOException {
    check(offset, length);
    byte[] text = new byte[length];
    bytes.get(offset, text);
    return new String(text, StandardCharsets.UTF_8);
  }

  private int checked(long offset) throws IOException {
    if (offset < 0 || offset > Integer.MAX_VALUE) {
      throw new IOException(file + " is broken: offset " + offset);
    }
    return (int) offset;
  }

  private void check(int offset, int length) throws IOException {
    if (offset < 0 || length < 0 || (long) offset + length > bytes.limit()) {
      throw new IOException(
          "%s is broken: %d bytes at %d of %d".formatted(file, length, offset, bytes.limit()));
    }
  }
}
