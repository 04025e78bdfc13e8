package dev.hull.vm.network;

/** An IPv4 network. */
record Cidr(int address, int bits) {
  Cidr {
    if (bits < 0 || bits > 32) {
      throw new IllegalArgumentException("prefix length must be 0 to 32: " + bits);
    }
    address &= mask(bits);
  }

  /** As {@code ip route} prints it; without a length it is one address. */
  static Cidr parse(String text) {
    String[] parts = text.split("/", 2);
    String[] bytes = parts[0].split("\\.", -1);
    if (bytes.length != 4) {
      throw new IllegalArgumentException("not an IPv4 network: " + text);
    }
    int address = 0;
    for (String part : bytes) {
      int value = Integer.parseInt(part);
      if (value < 0 || value > 255) {
        throw new IllegalArgumentException("not an IPv4 network: " + text);
      }
      address = address << 8 | value;
    }
    return new Cidr(address, parts.length == 2 ? Integer.parseInt(parts[1]) : 32);
  }

  private static int mask(int bits) {
    return bits == 0 ? 0 : -1 << (32 - bits);
  }

  boolean overlaps(Cidr other) {
    int common = mask(Math.min(bits, other.bits));
    return (address & common) == (other.address & common);
  }

  @Override
  public String toString() {
    return "%d.%d.%d.%d/%d"
        .formatted(address >>> 24, address >>> 16 & 255, address >>> 8 & 255, address & 255, bits);
  }
}
