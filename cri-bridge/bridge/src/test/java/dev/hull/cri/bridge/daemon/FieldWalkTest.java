package dev.hull.cri.bridge.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import dev.hull.cri.v1.CreateContainerRequest;
import dev.hull.cri.v1.PullImageRequest;
import dev.hull.cri.v1.RunPodSandboxRequest;
import dev.hull.cri.v1.UpdateContainerResourcesRequest;
import dev.hull.cri.v1.UpdatePodSandboxResourcesRequest;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every field of every request is honoured, refused with a sentence, or without effect for a reason
 * that the README gives. The first two are in {@code fields.txt}.
 */
final class FieldWalkTest {
  private static final Path README = Path.of("../README.md");
  private static final Pattern ROW = Pattern.compile("\\| (`[A-Z].*?`) \\| (.+) \\|");
  private static final Pattern NAME = Pattern.compile("`([^`]+)`");
  private static final Pattern LINE =
      Pattern.compile("(honoured|refused) ([A-Za-z_.]+?)(\\.\\*)?(?: \\| (.*))?");
  private static final Set<Status.Code> REFUSALS =
      Set.of(
          Status.Code.INVALID_ARGUMENT, Status.Code.FAILED_PRECONDITION, Status.Code.UNIMPLEMENTED);

  @TempDir Path folder;

  /**
   * A line of {@code fields.txt}: {@code whole} for all below the path, {@code message} if refused.
   */
  private record Treated(String path, boolean whole, String message) {
    boolean covers(String field) {
      return field.equals(path) || (whole && field.startsWith(path + "."));
    }
  }

  private static List<Treated> lines(String kind) throws IOException {
    String text;
    try (InputStream file =
        Objects.requireNonNull(FieldWalkTest.class.getResourceAsStream("fields.txt"))) {
      text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
    List<Treated> treated = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      Matcher words = LINE.matcher(line);
      assertThat(words.matches()).as(line).isTrue();
      if (words.group(1).equals(kind)) {
        boolean refused = kind.equals("refused");
        assertThat(words.group(4) != null).as("has a message: " + line).isEqualTo(refused);
        treated.add(
            new Treated(
                words.group(2), refused || words.group(3) != null, refused ? words.group(4) : ""));
      }
    }
    return treated;
  }

  /** The table's fields, each with all below it. */
  private static List<Treated> withoutEffect() throws IOException {
    List<Treated> treated = new ArrayList<>();
    for (String line : Files.readAllLines(README)) {
      Matcher row = ROW.matcher(line);
      if (row.matches()) {
        Matcher name = NAME.matcher(row.group(1));
        while (name.find()) {
          treated.add(new Treated(name.group(1), true, ""));
        }
      }
    }
    assertThat(treated).as("the README's table of fields without effect").isNotEmpty();
    return treated;
  }

  private static void walk(String path, Descriptor message, Consumer<String> leaf) {
    for (FieldDescriptor field : message.getFields()) {
      String below = path + "." + field.getName();
      if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && !field.isMapField()) {
        walk(below, field.getMessageType(), leaf);
      } else {
        leaf.accept(below);
      }
    }
  }

  private static Set<String> fields() {
    Set<String> all = new TreeSet<>();
    Methods.all().stream()
        .map(method -> Methods.request(method).getDescriptorForType())
        .forEach(request -> walk(request.getName(), request, all::add));
    return all;
  }

  @Test
  void everyFieldIsHonouredOrRefusedOrDocumentedAsWithoutEffect() throws IOException {
    Set<String> fields = fields();
    assertThat(fields).hasSizeGreaterThan(600);
    List<Treated> treated = new ArrayList<>(lines("honoured"));
    treated.addAll(lines("refused"));
    treated.addAll(withoutEffect());
    List<String> forgotten =
        fields.stream()
            .filter(field -> treated.stream().noneMatch(line -> line.covers(field)))
            .toList();
    assertThat(forgotten)
        .as("fields that are neither in fields.txt nor in the README's table")
        .isEmpty();
    List<String> stale =
        treated.stream()
            .filter(line -> fields.stream().noneMatch(line::covers))
            .map(Treated::path)
            .toList();
    assertThat(stale).as("lines that fit no field").isEmpty();
  }

  @Test
  void nothingIsHonouredAndWithoutEffect() throws IOException {
    List<Treated> without = withoutEffect();
    List<String> both =
        fields().stream()
            .filter(
                field -> {
                  try {
                    return lines("honoured").stream().anyMatch(line -> line.covers(field))
                        && without.stream().anyMatch(line -> line.covers(field));
                  } catch (IOException e) {
                    throw new UncheckedIOException(e);
                  }
                })
            .toList();
    assertThat(both).isEmpty();
  }

  @Test
  void whatIsRefusedIsRefusedWithASentenceThatNamesIt() throws Exception {
    List<String> taken = new ArrayList<>();
    try (TestDaemon daemon = new TestDaemon(folder)) {
      Map<String, Message> good = good(daemon);
      Map<String, MethodDescriptor<?, ?>> methods = new HashMap<>();
      Methods.all()
          .forEach(
              method ->
                  methods.put(Methods.request(method).getDescriptorForType().getName(), method));
      for (Treated line : lines("refused")) {
        String request = line.path().split("\\.", 2)[0];
        MethodDescriptor<?, ?> method = Objects.requireNonNull(methods.get(request));
        Message.Builder message = good.getOrDefault(request, Methods.request(method)).toBuilder();
        TextFormat.merge(line.message(), message);
        StatusRuntimeException refusal =
            catchThrowableOfType(
                StatusRuntimeException.class,
                () -> Methods.call(daemon.runtime().getChannel(), method, message.build()));
        if (refusal == null || !names(refusal.getStatus(), line.path())) {
          taken.add(line.path() + ": " + refusal);
        }
      }
    }
    assertThat(taken).as("not refused, or not by the field's name").isEmpty();
  }

  /** A sentence that has the field's own name, or that of the message which it is in. */
  private static boolean names(Status status, String path) {
    String said = String.valueOf(status.getDescription());
    String[] words = path.split("\\.", -1);
    String own = words[words.length - 1];
    String in = words[Math.max(0, words.length - 2)];
    return REFUSALS.contains(status.getCode())
        && (status.getCode() == Status.Code.UNIMPLEMENTED
            || said.contains(own)
            || said.contains(own.replace('_', ' '))
            || said.contains(in))
        && said.contains(" ");
  }

  /** Requests that nothing is wrong with. */
  private static Map<String, Message> good(TestDaemon daemon) {
    String pod = daemon.run("good");
    String container = daemon.started(pod, "good", "sleep");
    Map<String, Message> good = new LinkedHashMap<>();
    good.put(
        "RunPodSandboxRequest",
        RunPodSandboxRequest.newBuilder().setConfig(daemon.pod("walk")).build());
    good.put(
        "CreateContainerRequest",
        CreateContainerRequest.newBuilder()
            .setPodSandboxId(pod)
            .setConfig(daemon.container("walk", "sleep"))
            .build());
    good.put(
        "UpdateContainerResourcesRequest",
        UpdateContainerResourcesRequest.newBuilder().setContainerId(container).build());
    good.put(
        "UpdatePodSandboxResourcesRequest",
        UpdatePodSandboxResourcesRequest.newBuilder().setPodSandboxId(pod).build());
    good.put("PullImageRequest", PullImageRequest.getDefaultInstance());
    return good;
  }
}
