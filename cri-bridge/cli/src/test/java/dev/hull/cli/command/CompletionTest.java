package dev.hull.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lines end where the cursor is: {@code |} stands for an empty word. */
final class CompletionTest {
  @TempDir private Path folder;
  private CommandLineHarness hull;

  @BeforeEach
  void start() throws IOException {
    hull = new CommandLineHarness(folder);
    hull.cri.imagePresent("nginx:1");
    hull.stdin =
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: web, namespace: shop}
        spec: {containers: [{name: server, image: "nginx:1"}, {name: side, image: "nginx:1"}]}
        """;
    assertThat(hull.run("run", "--detach", "-")).isZero();
  }

  @AfterEach
  void end() {
    hull.close();
  }

  private List<String> complete(String line) {
    List<String> words = new ArrayList<>(List.of("__complete"));
    for (String word : line.replace("SOCKET", hull.socket.toString()).split(" ", -1)) {
      words.add(word.equals("|") ? "" : word);
    }
    assertThat(hull.raw(words.toArray(String[]::new))).as(hull.err()).isZero();
    return hull.out().lines().map(word -> word.replaceFirst("\t.*", "")).toList();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      textBlock =
          """
          des;                                        describe
          --he;                                       --help
          template |;                                 build,ls,rm
          logs --foll;                                --follow
          logs --follow --prev;                       --previous
          logs --socket SOCKET |;                     web
          logs --socket=SOCKET w;                     web
          logs --socket SOCKET web -c |;              server,side
          exec --socket SOCKET web -c si;             side
          exec --socket SOCKET web --container=se;    --container=server
          debug --socket SOCKET web --image |;        nginx:1
          debug --socket SOCKET web --target |;       server,side
          debug --profile n;                          netadmin
          exec --socket SOCKET web -- |;              ''
          exec --socket SOCKET web -- --h;            ''
          ps --socket SOCKET -o |;                    text,json
          get |;                                      pods,configmaps,secrets,pvc
          get pods -o |;                              wide,json,yaml,name
          get pods --socket SOCKET -n |;              shop
          run |;                                      :files
          apply -f pod;                               :files
          completion |;                               bash,zsh,fish
          nosuch |;                                   ''
          """)
  void aLineGoesOnWithWhatMayStandThere(String line, String candidates) {
    List<String> expected =
        candidates == null || candidates.isEmpty() ? List.of() : List.of(candidates.split(",", -1));
    assertThat(complete(line)).containsAll(expected).hasSameSizeAs(expected);
  }

  @Test
  void anEmptyLineGoesOnWithACommandAndWhatItDoes() {
    assertThat(complete("|")).contains("run", "ps", "debug").doesNotContain("__complete");
    assertThat(hull.out()).contains("ps\tList pods and their containers.");
  }

  @Test
  void whereNobodyAnswersThereAreNoNames() {
    hull.close();
    assertThat(complete("logs |")).isEmpty();
  }

  @Test
  void bashTakesWhatIsBehindAColonForAWordOfItsOwn() throws Exception {
    Path program = folder.resolve("hull");
    Files.writeString(
        program,
        "#!/bin/sh\nprintf '%s\\n' \"$#:$*\" >&2; printf 'nginx:1\\tdoes\\nnginx:12\\n'\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
    assertThat(hull.raw("completion", "bash")).isZero();
    Path script = Files.writeString(folder.resolve("script"), hull.out());
    String line = program + " rmi nginx:1";
    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source '%s'; COMP_LINE='%s'; COMP_POINT=%d; _hull; printf '%%s\\n' \"${COMPREPLY[@]}\""
                    .formatted(script, line, line.length()))
            .redirectErrorStream(true)
            .start();
    assertThat(new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .isEqualTo("1\n12\n");
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
  }
}
