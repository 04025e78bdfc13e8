package dev.hull.agent.network;

import java.net.Inet4Address;
import java.net.InetAddress;

/** An address and the length of its prefix: {@code 10.88.0.5/16}. */
record Cidr(InetAddress address, int prefix) {

  /** Takes literal addresses only. */
  static Cidr parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0 || !text.substring(slash + 1).matches("\\d{1,3}")) {
      throw new IllegalArgumentException("not an address with a prefix length: " + text);
    }
    InetAddress address = literal(text.substring(0, slash));
    int prefix = Integer.parseInt(text.substring(slash + 1));
    int bits = address.getAddress().length * 8;
    if (prefix > bits) {
      throw new IllegalArgumentException("the prefix is longer than " + bits + " bits: " + text);
    }
    return new Cidr(address, prefix);
  }

  static InetAddress literal(String text) {
    // A scope would be looked up among this machine's interfaces.
    if (text.indexOf('%') >= 0) {
      throw new IllegalArgumentException("not an address: " + text);
    }
    try {
      return InetAddress.ofLiteral(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("not an address: " + text, e);
    }
  }

  boolean isIpv4() {
    return address instanceof Inet4Address;
  }

  /** The last address of an IPv4 network, or the address itself where there is no broadcast. */
  byte[] broadcast() {
    byte[] bytes = address.getAddress();
    for (int bit = prefix; bit < bytes.length * 8; bit++) {
      bytes[bit / 8] |= (byte) (0x80 >> (bit % 8));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return address.getHostAddress() + "/" + prefix;
  }
}
