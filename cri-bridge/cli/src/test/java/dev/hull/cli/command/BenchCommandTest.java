package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.hull.cri.host.Bench;
import dev.hull.cri.host.Benches;
import dev.hull.cri.host.DaemonProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class BenchCommandTest {
  @TempDir private Path folder;
  private final List<String> measured = new ArrayList<>();
  private final List<Benches.Bound> bounds = new ArrayList<>();
  private CommandLineHarness hull;

  /** Finds what it was told to. */
  private final class FakeBench implements Bench {
    private final String name;
    private final boolean partOfAll;
    private final Outcome outcome;

    FakeBench(String name, boolean partOfAll, Outcome outcome) {
      this.name = name;
      this.partOfAll = partOfAll;
      this.outcome = outcome;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public String description() {
      return "measures " + name;
    }

    @Override
    public boolean isPartOfAll() {
      return partOfAll;
    }

    @Override
    public Outcome run(int runs, DaemonProvider.Options options, Consumer<String> progress) {
      measured.add(name + " " + runs);
      return outcome;
    }
  }

  private final class FakeBenches implements Benches {
    @Override
    public List<Bench> all() {
      return List.of(
          new FakeBench(
              "start",
              true,
              new Bench.Outcome(
                  List.of(
                      Bench.Figure.of("start.warm", "s", List.of(3.0, 2.0, 4.0)),
                      Bench.Figure.of("start.ratio", "ratio", List.of(0.5)),
                      Bench.Figure.of("pod", "MiB", List.of(200.0))),
                  List.of(
                      new Bench.Start(
                          "warm",
                          List.of(
                              new Bench.Step("sandbox", Duration.ZERO, Duration.ofMillis(5))))))),
          new FakeBench(
              "memory",
              true,
              new Bench.Outcome(List.of(Bench.Figure.of("pod", "MiB", List.of(240.0))), List.of())),
          new FakeBench("soak", false, new Bench.Outcome(List.of(), List.of())));
    }

    @Override
    public List<Bound> bounds() {
      return bounds;
    }
  }

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
    // Benches that are none look at no guest image, but the command wants one.
    Files.createFile(folder.resolve("guest-image.properties"));
  }

  @AfterEach
  void end() {
    hull.close();
  }

  /**
   * The sentences of exceptions are the root command's to print; here they are on stderr as such.
   */
  private int bench(String... arguments) {
    List<String> all = new ArrayList<>(List.of("--guest-image", folder.toString()));
    all.addAll(List.of(arguments));
    Context context = hull.context();
    return new CommandLine(new BenchCommand(context, () -> Optional.of(new FakeBenches())))
        .setExecutionExceptionHandler(
            (e, line, result) -> {
              context.complain(e.getMessage());
              return ExitCodes.FAILED;
            })
        .execute(all.toArray(String[]::new));
  }

  private JsonObject json() {
    return JsonParser.parseString(hull.out()).getAsJsonObject();
  }

  @Test
  void oneBenchIsMeasuredAsOftenAsAsked() {
    assertThat(bench("start", "--runs", "3")).isZero();
    assertThat(measured).containsExactly("start 3");
    assertThat(hull.out().lines().toList().get(1)).matches("start\\.warm +3 +s +3 2 4");
  }

  @Test
  void whatIsNoPartOfAllIsMeasuredByItsName() {
    assertThat(bench("soak", "--runs", "1")).isZero();
    assertThat(measured).containsExactly("soak 1");
  }

  @Test
  void allAreMeasuredInOneRunAndAFigureOfTwoIsThereOnceWithTheRunsOfBoth() {
    assertThat(bench("all", "--output", "json")).isZero();
    assertThat(measured).containsExactly("start 5", "memory 5");
    assertThat(json().getAsJsonArray("figures"))
        .extracting(figure -> figure.getAsJsonObject().toString())
        .containsExactly(
            "{\"name\":\"start.warm\",\"value\":3.0,\"unit\":\"s\",\"runs\":[3.0,2.0,4.0]}",
            "{\"name\":\"start.ratio\",\"value\":0.5,\"unit\":\"ratio\",\"runs\":[0.5]}",
            "{\"name\":\"pod\",\"value\":220.0,\"unit\":\"MiB\",\"runs\":[200.0,240.0]}");
  }

  @Test
  void programsGetTheStepsOfTheStarts() {
    assertThat(bench("start", "--output", "json")).isZero();
    assertThat(json().getAsJsonArray("starts").toString())
        .isEqualTo(
            "[{\"name\":\"warm\",\"steps\":[{\"name\":\"sandbox\",\"beganMillis\":0.0,\"tookMillis\":5.0}]}]");
    assertThat(bench("memory", "--output", "json")).isZero();
    assertThat(json().has("starts")).isFalse();
  }

  @Test
  void thePageGoesToStandardOutputAlone() {
    assertThat(bench("start", "--output", "html")).isZero();
    assertThat(hull.out()).startsWith("<!DOCTYPE html>").endsWith("</html>\n").contains("<svg");
  }

  @Test
  void aBoundThatIsNotKeptFailsTheCheckAndIsNamed() {
    bounds.add(new Benches.Bound("start.ratio", 0.4));
    assertThat(bench("check")).isEqualTo(ExitCodes.FAILED);
    assertThat(measured).hasSize(2);
    assertThat(hull.out()).contains("start.ratio");
    assertThat(hull.err()).contains("start.ratio is 0.5, more than its bound of 0.4 (ratio)");
  }

  @Test
  void aCheckWithAllBoundsKeptSaysSo() {
    bounds.add(new Benches.Bound("start.ratio", 0.5));
    assertThat(bench("check")).isZero();
    assertThat(hull.err()).contains("all 1 bounds are kept");
  }

  @Test
  void boundsDoNotMatterElsewhere() {
    bounds.add(new Benches.Bound("start.ratio", 0.4));
    assertThat(bench("all")).isZero();
  }

  @Test
  void anUnknownBenchIsRefusedWithThoseThatThereAre() {
    assertThat(bench("speed")).isEqualTo(ExitCodes.FAILED);
    assertThat(hull.err())
        .contains("there is no bench speed; there is: start, memory, soak, all, check");
    assertThat(bench("start", "--runs", "0")).isEqualTo(ExitCodes.FAILED);
    assertThat(measured).isEmpty();
  }
}
