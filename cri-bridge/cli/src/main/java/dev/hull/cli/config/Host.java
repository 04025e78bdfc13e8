package dev.hull.cli.config;

import java.io.IOException;
import java.math.BigDecimal;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** This host, as its pods are told about it. */
public final class Host {
  private static final long KIB = 1024;

  private Host() {}

  /** Looks; an address is missing where there is no network. */
  public static Facts facts(String uid) {
    return new Facts(
        uid,
        name(),
        addresses(),
        List.of(),
        BigDecimal.valueOf(Runtime.getRuntime().availableProcessors()),
        BigDecimal.valueOf(memory()));
  }

  private static String name() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
    } catch (IOException e) {
      return "localhost";
    }
  }

  private static long memory() {
    try {
      return Files.readAllLines(Path.of("/proc/meminfo")).stream()
          .filter(line -> line.startsWith("MemTotal:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * KIB)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  private static List<String> addresses() {
    try {
      return NetworkInterface.networkInterfaces()
          .filter(Host::isOfTheHost)
          .flatMap(card -> card.getInterfaceAddresses().stream())
          .map(InterfaceAddress::getAddress)
          .filter(Inet4Address.class::isInstance)
          .map(InetAddress::getHostAddress)
          .limit(1)
          .toList();
    } catch (SocketException e) {
      return List.of();
    }
  }

  /** Bridges and the like are made for pods. */
  private static boolean isOfTheHost(NetworkInterface card) {
    try {
      return card.isUp()
          && !card.isLoopback()
          && Files.exists(Path.of("/sys/class/net", card.getName()))
          && !Files.exists(Path.of("/sys/class/net", card.getName(), "bridge"));
    } catch (SocketException e) {
      return false;
    }
  }
}
