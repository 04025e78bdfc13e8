package dev.hull.cli.supervisor;

import com.google.gson.Gson;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cli.kubelet.PodFolder;
import dev.hull.cli.manifest.Document;
import dev.hull.cli.manifest.EphemeralContainer;
import dev.hull.cli.manifest.Manifest;
import dev.hull.cli.manifest.ManifestException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * What is wanted of the supervisor, and what it says:
 *
 * <pre>
 * supervisor.lock                    held while one lives
 * Pod/NAMESPACE/NAME/wanted.json     {"uid", "createdAt", "source"}
 * Pod/NAMESPACE/NAME/status.json     what {@code hull get} prints; the supervisor's alone
 * Pod/NAMESPACE/NAME/deleted         seconds of grace, or nothing for the pod's own
 * Pod/NAMESPACE/NAME/ephemeral/UID/CONTAINER.json   {"addedAt", "source"}, added while it runs
 * KIND/NAMESPACE/NAME/wanted.json    of ConfigMaps, Secrets and claims
 * </pre>
 *
 * Each file is written whole: by another name, to the disk, then renamed. Only root may look: there
 * are Secrets in it.
 */
public final class Spool {
  public static final String POD = "Pod";
  private static final String LOCK = "supervisor.lock";
  private static final String WANTED = "wanted.json";
  private static final String STATUS = "status.json";
  private static final String DELETED = "deleted";
  private static final String EPHEMERAL = "ephemeral";
  private static final int SECRET = 0700;

  private final Path folder;

  public Spool(Path folder) {
    this.folder = folder;
  }

  /** Where it is below a daemon's root. */
  public static Spool below(Path root) {
    return new Spool(root.toAbsolutePath().normalize().resolve("kubelet"));
  }

  /** The link beside a daemon's socket that leads to its spool. */
  public static Path link(Path socket) {
    return socket.resolveSibling(socket.getFileName() + ".pods");
  }

  /** The spool of the daemon at a socket, if somebody keeps to it. */
  public static Optional<Spool> beside(Path socket) {
    Spool spool = new Spool(link(socket));
    return spool.isSupervised() ? Optional.of(spool) : Optional.empty();
  }

  /** The root of the daemon that it belongs to. */
  public Path root() {
    try {
      Path real = folder.toRealPath();
      return Optional.ofNullable(real.getParent()).orElse(real);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path folder() {
    return folder;
  }

  /** What an apply has done. */
  public enum Applied {
    CREATED,
    CONFIGURED,
    UNCHANGED
  }

  /** One thing that is wanted. */
  public record Wanted(Document document, String uid, Instant createdAt) {}

  /** A thing by its name. */
  public record Thing(String kind, String namespace, String name) {}

  /** Takes the supervisor's place; empty if there is one. Closing gives it back. */
  public Optional<FileChannel> take() throws IOException {
    PodFolder.makeFolder(folder, SECRET);
    FileChannel file =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = file.tryLock();
      if (lock != null) {
        return Optional.of(file);
      }
    } catch (OverlappingFileLockException e) {
      // It is in this process.
    }
    file.close();
    return Optional.empty();
  }

  /** Whether a supervisor lives. */
  public boolean isSupervised() {
    try (FileChannel file = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = file.tryLock()) {
      return lock == null;
    } catch (OverlappingFileLockException e) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Wants a document. A pod that differs from the one of its name takes its place: it is another.
   */
  public Applied apply(Document document, Instant now) throws IOException {
    Thing key = new Thing(document.kind(), document.namespace(), document.name());
    Path place = place(key);
    Optional<JsonObject> old = read(place.resolve(WANTED));
    boolean dying = Files.exists(place.resolve(DELETED));
    if (!dying && old.isPresent() && document.source().equals(old.get().get("source"))) {
      return Applied.UNCHANGED;
    }
    PodFolder.makeFolder(place, SECRET);
    JsonObject wanted = new JsonObject();
    String uid =
        document instanceof Document.OfPod pod && pod.pod().uid().isPresent()
            ? pod.pod().uid().get()
            : UUID.randomUUID().toString();
    wanted.addProperty("uid", uid);
    wanted.addProperty("createdAt", now.toString());
    wanted.add("source", document.source());
    write(place.resolve(WANTED), wanted.toString());
    Files.deleteIfExists(place.resolve(DELETED));
    return old.isPresent() && !dying ? Applied.CONFIGURED : Applied.CREATED;
  }

  /** Takes over a pod that runs already. */
  public void adopt(Document.OfPod pod, String uid, Instant createdAt) throws IOException {
    Path place = place(new Thing(POD, pod.namespace(), pod.name()));
    PodFolder.makeFolder(place, SECRET);
    JsonObject wanted = new JsonObject();
    wanted.addProperty("uid", uid);
    wanted.addProperty("createdAt", createdAt.toString());
    wanted.add("source", pod.source());
    write(place.resolve(WANTED), wanted.toString());
  }

  /**
   * Wants a thing no more; false if it is not there. A pod goes when its supervisor has ended it.
   */
  public boolean delete(Thing key, Optional<Duration> grace) throws IOException {
    Path place = place(key);
    if (!Files.exists(place.resolve(WANTED))) {
      return false;
    }
    if (key.kind().equals(POD)) {
      write(place.resolve(DELETED), grace.map(g -> Long.toString(g.toSeconds())).orElse(""));
    } else {
      forget(key);
    }
    return true;
  }

  /**
   * Wants one more container in a pod, as long as that pod lives; false if one of its name was
   * added before.
   */
  public boolean add(Thing pod, String uid, EphemeralContainer container, Instant now)
      throws IOException {
    JsonObject added = new JsonObject();
    added.addProperty("addedAt", now.toString());
    added.add("source", container.source());
    Path folder = place(pod).resolve(EPHEMERAL).resolve(uid);
    PodFolder.makeFolder(folder, SECRET);
    Path file = folder.resolve(container.container().name() + ".json");
    Path made = writeNew(file, added.toString());
    try {
      Files.createLink(file, made); // Which, unlike a rename, takes nobody's place.
      return true;
    } catch (FileAlreadyExistsException e) {
      return false;
    } finally {
      Files.delete(made);
    }
  }

  /**
   * What was added to a pod, oldest first.
   *
   * @throws IOException if something of it cannot be read (by this release)
   */
  public List<EphemeralContainer> added(Thing key, Wanted wanted) throws IOException {
    if (!(wanted.document() instanceof Document.OfPod pod)) {
      return List.of();
    }
    List<JsonObject> found = new ArrayList<>();
    for (Path file : entries(place(key).resolve(EPHEMERAL).resolve(wanted.uid()))) {
      if (file.toString().endsWith(".json")) {
        read(file).ifPresent(found::add);
      }
    }
    found.sort(Comparator.comparing(added -> Instant.parse(added.get("addedAt").getAsString())));
    List<EphemeralContainer> containers = new ArrayList<>();
    for (JsonObject added : found) {
      try {
        containers.add(EphemeralContainer.of(pod.pod(), added.getAsJsonObject("source")));
      } catch (ManifestException e) {
        throw new IOException(e.getMessage(), e);
      }
    }
    return containers;
  }

  /** The grace of a pod that is to go; empty if it is to stay. */
  public Optional<Optional<Duration>> deleted(Thing key) {
    try {
      String seconds = Files.readString(place(key).resolve(DELETED)).strip();
      return Optional.of(
          seconds.matches("\\d{1,9}")
              ? Optional.of(Duration.ofSeconds(Long.parseLong(seconds)))
              : Optional.empty());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Forgets a thing at once. */
  public void forget(Thing key) throws IOException {
    Path place = place(key);
    for (String file : List.of(WANTED, STATUS, DELETED)) {
      Files.deleteIfExists(place.resolve(file));
    }
    for (Path uid : entries(place.resolve(EPHEMERAL))) {
      for (Path added : entries(uid)) {
        Files.deleteIfExists(added);
      }
      Files.deleteIfExists(uid);
    }
    Files.deleteIfExists(place.resolve(EPHEMERAL));
    Files.deleteIfExists(place);
  }

  /** All things of a kind, by namespace and name. */
  public List<Thing> list(String kind) {
    List<Thing> keys = new ArrayList<>();
    for (Path namespace : entries(folder.resolve(kind))) {
      for (Path name : entries(namespace)) {
        if (Files.exists(name.resolve(WANTED))) {
          keys.add(
              new Thing(kind, namespace.getFileName().toString(), name.getFileName().toString()));
        }
      }
    }
    return keys;
  }

  /**
   * A thing that is wanted.
   *
   * @throws IOException if what is written there cannot be read (by this release)
   */
  public Optional<Wanted> wanted(Thing key) throws IOException {
    Optional<JsonObject> json = read(place(key).resolve(WANTED));
    if (json.isEmpty()) {
      return Optional.empty();
    }
    try {
      String source = json.get().get("source").toString();
      Manifest manifest = Manifest.parse(key.kind() + " " + key.name(), source);
      return Optional.of(
          new Wanted(
              manifest.documents().getFirst(),
              json.get().get("uid").getAsString(),
              Instant.parse(json.get().get("createdAt").getAsString())));
    } catch (ManifestException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** What the supervisor said last; empty if it has not looked at it yet. */
  public Optional<JsonObject> status(Thing key) throws IOException {
    return read(place(key).resolve(STATUS));
  }

  void setStatus(Thing key, JsonObject status) throws IOException {
    Path place = place(key);
    if (Files.isDirectory(place)) {
      write(place.resolve(STATUS), new Gson().toJson(status));
    }
  }

  private Path place(Thing key) {
    return folder.resolve(key.kind()).resolve(key.namespace()).resolve(key.name());
  }

  private static List<Path> entries(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(folder)) {
      return entries.sorted().toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Optional<JsonObject> read(Path file) throws IOException {
    try {
      return JsonParser.parseString(Files.readString(file)) instanceof JsonObject object
          ? Optional.of(object)
          : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (JsonParseException e) {
      throw new IOException(file + " is no JSON; delete it", e);
    }
  }

  private static void write(Path file, String text) throws IOException {
    Files.move(
        writeNew(file, text),
        file,
        StandardCopyOption.ATOMIC_MOVE,
        StandardCopyOption.REPLACE_EXISTING);
  }

  /** A whole file on the disk, by another name. */
  private static Path writeNew(Path file, String text) throws IOException {
    Path made = file.resolveSibling(file.getFileName() + "." + UUID.randomUUID());
    try (FileChannel channel =
        FileChannel.open(made, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        var _ = channel.write(bytes);
      }
      channel.force(true);
    }
    return made;
  }
}
