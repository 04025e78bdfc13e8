package dev.hull.images.layer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Builds tars byte by byte, also broken ones. Names are byte strings. */
final class TarBuilder {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** One entry; what is not set is what an ordinary file of root has. */
  static final class Entry {
    private final char type;
    private final String name;
    private final Map<String, String> pax = new LinkedHashMap<>();
    private int mode = 0644;
    private long uid;
    private long gid;
    private long mtime = 1_600_000_000;
    private String link = "";
    private long major;
    private long minor;
    private byte[] data = new byte[0];
    private long size = -1;

    private Entry(char type, String name) {
      this.type = type;
      this.name = name;
    }

    Entry mode(int value) {
      mode = value;
      return this;
    }

    Entry owner(long user, long group) {
      uid = user;
      gid = group;
      return this;
    }

    Entry mtime(long value) {
      mtime = value;
      return this;
    }

    Entry device(long majorNumber, long minorNumber) {
      major = majorNumber;
      minor = minorNumber;
      return this;
    }

    Entry data(byte[] value) {
      data = value;
      return this;
    }

    Entry data(String value) {
      return data(value.getBytes(StandardCharsets.UTF_8));
    }

    /** What the header says, if it is not what is there. */
    Entry size(long value) {
      size = value;
      return this;
    }

    Entry pax(String key, String value) {
      pax.put(key, value);
      return this;
    }
  }

  static Entry file(String name, String data) {
    return new Entry('0', name).data(data);
  }

  static Entry directory(String name) {
    return new Entry('5', name).mode(0755);
  }

  static Entry symlink(String name, String target) {
    return entry('2', name, target).mode(0777);
  }

  static Entry hardLink(String name, String target) {
    return entry('1', name, target);
  }

  static Entry entry(char type, String name) {
    return new Entry(type, name);
  }

  static Entry entry(char type, String name, String link) {
    Entry entry = new Entry(type, name);
    entry.link = link;
    return entry;
  }

  /** A tar of these entries with its end mark. */
  static byte[] tar(Entry... entries) {
    TarBuilder builder = new TarBuilder();
    for (Entry entry : entries) {
      builder.add(entry);
    }
    return builder.end();
  }

  TarBuilder add(Entry entry) {
    if (entry.name.length() > 100) {
      entry.pax("path", entry.name);
    }
    if (!entry.pax.isEmpty()) {
      paxHeader('x', entry.pax);
    }
    raw(header(entry));
    return raw(padded(entry.data));
  }

  TarBuilder paxHeader(char type, Map<String, String> records) {
    StringBuilder text = new StringBuilder();
    records.forEach((key, value) -> text.append(record(key, value)));
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    raw(header(new Entry(type, "pax").data(bytes)));
    return raw(padded(bytes));
  }

  /** GNU's way to write what does not fit a header. */
  TarBuilder longName(char type, String name) {
    byte[] bytes = (name + "\0").getBytes(StandardCharsets.ISO_8859_1);
    raw(header(new Entry(type, "././@LongLink").data(bytes)));
    return raw(padded(bytes));
  }

  TarBuilder raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  byte[] end() {
    return raw(new byte[1024]).bytes();
  }

  static String record(String key, String value) {
    String rest = " " + key + "=" + value + "\n";
    int length = rest.length();
    while (String.valueOf(length).length() + rest.length() != length) {
      length = String.valueOf(length).length() + rest.length();
    }
    return length + rest;
  }

  static byte[] padded(byte[] data) {
    return Arrays.copyOf(data, (data.length + 511) / 512 * 512);
  }

  static byte[] header(Entry entry) {
    byte[] block = new byte[512];
    put(block, 0, 100, entry.name);
    number(block, 100, 8, entry.mode);
    number(block, 108, 8, entry.uid);
    number(block, 116, 8, entry.gid);
    number(block, 124, 12, entry.size < 0 ? entry.data.length : entry.size);
    number(block, 136, 12, entry.mtime);
    block[156] = (byte) entry.type;
    put(block, 157, 100, entry.link);
    put(block, 257, 8, "ustar\00000");
    number(block, 329, 8, entry.major);
    number(block, 337, 8, entry.minor);
    return sealed(block);
  }

  /** Puts the right checksum in. */
  static byte[] sealed(byte[] block) {
    Arrays.fill(block, 148, 156, (byte) ' ');
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xff;
    }
    put(block, 148, 8, String.format("%06o\0 ", sum));
    return block;
  }

  static void put(byte[] block, int offset, int length, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, block, offset, Math.min(length, bytes.length));
  }

  /** Octal if it fits, else the way of GNU. */
  static void number(byte[] block, int offset, int length, long value) {
    String octal = String.format("%0" + (length - 1) + "o", value);
    if (value >= 0 && octal.length() < length) {
      put(block, offset, length, octal);
      return;
    }
    for (int i = 0; i < length; i++) {
      int shift = 8 * (length - 1 - i);
      block[offset + i] = (byte) (shift < 64 ? value >> shift : value < 0 ? -1 : 0);
    }
    block[offset] |= (byte) 0x80;
  }
}
