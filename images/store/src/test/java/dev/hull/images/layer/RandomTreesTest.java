package dev.hull.images.layer;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random layers against the plainest model of what they mean. */
class RandomTreesTest {
  /** What a path should be; two paths with the same object are hard links. */
  private static final class Expected {
    int mode;
    int uid;
    int gid;
    long mtime;
    int nanos;
    String content = "";
    int device;
    final Map<String, String> xattrs = new HashMap<>();
  }

  @TempDir Path scratch;

  private final TreeMap<String, Expected> model = new TreeMap<>();
  private final TarBuilder tar = new TarBuilder();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void everyRandomLayerIsWhatItSays(long seed) throws Exception {
    Random random = new Random(seed);
    for (int i = 0; i < 400; i++) {
      addOne(random);
    }
    try (LayerFixture layer = LayerFixture.of(scratch, tar.end())) {
      assertThat(layer.files().keySet()).hasSize(model.size() + 1).containsAll(model.keySet());
      Map<Expected, Integer> links = new HashMap<>();
      model.values().forEach(expected -> links.merge(expected, 1, Integer::sum));
      Map<Expected, Long> nids = new HashMap<>();
      for (Map.Entry<String, Expected> entry : model.entrySet()) {
        Expected expected = entry.getValue();
        ErofsReader.File file = layer.file(entry.getKey());
        assertThat(file.mode()).isEqualTo(expected.mode);
        assertThat(file.uid()).isEqualTo(expected.uid);
        assertThat(file.gid()).isEqualTo(expected.gid);
        assertThat(file.mtime()).isEqualTo(expected.mtime);
        assertThat(file.nanos()).isEqualTo(expected.nanos);
        assertThat(file.xattrs()).isEqualTo(expected.xattrs);
        if (file.type() == 0100000 || file.type() == 0120000) {
          assertThat(layer.content(entry.getKey())).isEqualTo(expected.content);
        } else if (file.type() != 0040000) {
          assertThat(file.device()).isEqualTo(expected.device);
        }
        if (file.type() != 0040000) {
          assertThat(file.links()).isEqualTo(links.get(expected));
          assertThat(nids.computeIfAbsent(expected, e -> file.nid())).isEqualTo(file.nid());
        }
      }
      assertThat(nids.values()).doesNotHaveDuplicates();
    }
  }

  private void addOne(Random random) {
    String path = path(random);
    int kind = random.nextInt(10);
    Expected expected = new Expected();
    expected.mode = random.nextInt(010000);
    expected.uid = random.nextInt();
    expected.gid = random.nextInt(70_000);
    expected.mtime = random.nextInt() * 4L;
    expected.nanos = random.nextInt(1_000_000_000);
    int xattrs = random.nextInt(4) == 0 ? 1 + random.nextInt(5) : 0;
    for (int i = 0; i < xattrs; i++) {
      String[] prefixes = {"user.", "trusted.", "security."};
      expected.xattrs.put(
          prefixes[random.nextInt(3)] + name(random).replace("=", "-"),
          bytes(random, random.nextInt(20) == 0 ? 6000 : random.nextInt(60)));
    }
    switch (kind) {
      case 0, 1, 2 -> directory(path, expected);
      case 3 -> {
        List<String> targets = new ArrayList<>();
        model.forEach(
            (name, file) -> {
              if ((file.mode & 0170000) != 0040000 && !name.equals(path)) {
                targets.add(name);
              }
            });
        if (!targets.isEmpty()) {
          String target = targets.get(random.nextInt(targets.size()));
          Expected same = expectedAt(target);
          tar.longName('L', path).longName('K', target).add(TarBuilder.hardLink("x", "y"));
          put(path, same);
        }
      }
      case 4 -> {
        expected.mode |= 0120000;
        expected.content = bytes(random, 1 + random.nextInt(300)).replace('\0', 'z');
        tar.longName('K', expected.content).longName('L', path);
        add(path, TarBuilder.symlink("x", "y"), expected);
      }
      case 5 -> {
        int major = random.nextInt(4096);
        int minor = random.nextInt(1 << 20);
        expected.mode |= 0020000;
        expected.device = (minor & 0xff) | major << 8 | (minor & ~0xff) << 12;
        add(path, TarBuilder.entry('3', "x").device(major, minor), expected);
      }
      case 6 -> {
        expected.mode |= 0010000;
        add(path, TarBuilder.entry('6', "x"), expected);
      }
      default -> {
        expected.mode |= 0100000;
        int size = random.nextInt(4) == 0 ? random.nextInt(50_000) : random.nextInt(5000);
        expected.content = bytes(random, size);
        byte[] data = expected.content.getBytes(StandardCharsets.ISO_8859_1);
        add(path, TarBuilder.entry('0', "x").data(data), expected);
      }
    }
  }

  private Expected expectedAt(String path) {
    Expected expected = model.get(path);
    assertThat(expected).isNotNull();
    return Objects.requireNonNull(expected);
  }

  private void directory(String path, Expected expected) {
    expected.mode |= 0040000;
    Expected there = model.get(path);
    Map<String, Expected> below =
        there != null && (there.mode & 0170000) == 0040000
            ? new TreeMap<>(model.subMap(path + "/", path + "0"))
            : Map.of();
    add(path, TarBuilder.directory("x"), expected);
    model.putAll(below);
  }

  private void add(String path, TarBuilder.Entry entry, Expected expected) {
    entry
        .mode(expected.mode & 07777)
        .owner(Integer.toUnsignedLong(expected.uid), expected.gid)
        .pax("path", path)
        .pax("mtime", mtime(expected));
    expected.xattrs.forEach((name, value) -> entry.pax("SCHILY.xattr." + name, value));
    tar.add(entry);
    put(path, expected);
  }

  /** PAX has no other way to write a time before 1970 than a negative decimal. */
  private static String mtime(Expected expected) {
    return BigDecimal.valueOf(expected.mtime)
        .add(BigDecimal.valueOf(expected.nanos, 9))
        .toPlainString();
  }

  /** '0' is the character behind the slash. */
  private void put(String path, Expected expected) {
    model.subMap(path + "/", path + "0").clear();
    model.put(path, expected);
  }

  private String path(Random random) {
    List<String> directories = new ArrayList<>(List.of(""));
    model.forEach(
        (name, file) -> {
          if ((file.mode & 0170000) == 0040000 && name.length() < 3000) {
            directories.add(name + "/");
          }
        });
    List<String> all = new ArrayList<>(model.keySet());
    if (!all.isEmpty() && random.nextInt(8) == 0) {
      return all.get(random.nextInt(all.size()));
    }
    return directories.get(random.nextInt(directories.size())) + name(random);
  }

  private static String name(Random random) {
    int length = random.nextInt(30) == 0 ? 240 : 1 + random.nextInt(12);
    String name = bytes(random, length).replaceAll("[\0/]", "x");
    return name.startsWith(".") ? "n" + name.substring(1) : name;
  }

  private static String bytes(Random random, int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
