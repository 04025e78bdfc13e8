package dev.hull.agent.stats;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A text file of the kernel's. One that is not there, because the kernel does not count this or
 * what it counted is gone, is empty.
 */
final class KernelFile {
  private KernelFile() {}

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      return List.of();
    }
  }

  /** What is in a folder; what can be had of it if it is being removed. */
  static List<Path> entries(Path folder) {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
      all.forEach(entries::add);
    } catch (IOException | DirectoryIteratorException e) {
      return entries;
    }
    return entries;
  }

  /** A file of one number; 0 for "max". */
  static long number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? 0 : number(lines.getFirst().strip());
  }

  /** A file of lines {@code key value}. */
  static Map<String, Long> numbers(Path file) {
    Map<String, Long> numbers = new HashMap<>();
    for (String line : lines(file)) {
      String[] words = line.strip().split("\\s+", -1);
      if (words.length >= 2) {
        numbers.put(words[0], number(words[1]));
      }
    }
    return numbers;
  }

  /** The words {@code key=value} of a line. */
  static Map<String, String> pairs(String line) {
    Map<String, String> pairs = new HashMap<>();
    for (String word : line.split(" ", -1)) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        pairs.put(word.substring(0, equals), word.substring(equals + 1));
      }
    }
    return pairs;
  }

  /** 0 for what is no number. */
  static long number(String word) {
    try {
      return Long.parseUnsignedLong(word);
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  static double decimal(String word) {
    try {
      return Double.parseDouble(word);
    } catch (NumberFormatException e) {
      return 0;
    }
  }
}
