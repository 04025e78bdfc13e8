package dev.hull.cli.command;

import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.manifest.ManifestException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads manifests from files, folders and standard input. */
final class ManifestFiles {
  private static final int MAX_BYTES = 4 << 20;

  private final Context context;

  ManifestFiles(Context context) {
    this.context = context;
  }

  /**
   * All of them as one. Says once what has no effect.
   *
   * @param names files, folders (their *.yaml, *.yml and *.json, in the order of their names), or -
   * @param namespace of what does not say its own; empty for default
   */
  Manifest read(List<String> names, Optional<String> namespace) throws UserException {
    List<Manifest> parts = new ArrayList<>();
    List<String> problems = new ArrayList<>();
    for (String name : names) {
      for (String file : files(name)) {
        try {
          parts.add(Manifest.parse(file.equals("-") ? "stdin" : file, text(file), namespace));
        } catch (ManifestException e) {
          problems.add(String.valueOf(e.getMessage()));
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new UserException(String.join("\n", problems));
    }
    Manifest manifest = Manifest.of(parts);
    Set<String> seen = new HashSet<>();
    for (Document document : manifest.documents()) {
      if (!seen.add(document.kind() + " " + document.namespace() + "/" + document.name())) {
        throw new UserException(
            "%s %s/%s is in these manifests twice"
                .formatted(document.kind(), document.namespace(), document.name()));
      }
    }
    if (!manifest.unused().isEmpty()) {
      context.complain("without effect on one node: " + String.join(", ", manifest.unused()));
    }
    return manifest;
  }

  private static List<String> files(String name) throws UserException {
    if (name.equals("-") || !Files.isDirectory(Path.of(name))) {
      return List.of(name);
    }
    try (Stream<Path> entries = Files.list(Path.of(name))) {
      List<String> files =
          entries
              .filter(Files::isRegularFile)
              .map(Path::toString)
              .filter(file -> file.matches(".*\\.(yaml|yml|json)"))
              .sorted()
              .toList();
      if (files.isEmpty()) {
        throw new UserException("there are no *.yaml, *.yml or *.json files in " + name);
      }
      return files;
    } catch (IOException e) {
      throw new UserException("cannot read " + name + ": " + e.getMessage(), e);
    }
  }

  private String text(String file) throws UserException {
    String name = file.equals("-") ? "stdin" : file;
    try {
      byte[] bytes;
      if (file.equals("-")) {
        bytes = bytes(context.in(), name);
      } else {
        try (InputStream stream = Files.newInputStream(Path.of(file))) {
          bytes = bytes(stream, name);
        }
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (NoSuchFileException e) {
      throw new UserException(name + " does not exist", e);
    } catch (CharacterCodingException e) {
      throw new UserException(name + ":1: is not YAML: it is not UTF-8 text", e);
    } catch (IOException e) {
      throw new UserException("cannot read " + name + ": " + e.getMessage(), e);
    }
  }

  private static byte[] bytes(InputStream stream, String name) throws IOException {
    byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
    if (bytes.length > MAX_BYTES) {
      throw new IOException(name + " is larger than " + MAX_BYTES + " bytes");
    }
    return bytes;
  }
}
