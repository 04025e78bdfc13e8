package dev.hull.cli.kubelet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.hull.cri.v1.DNSConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostResolverTest {
  @Test
  void serversOnLoopbackLeadNowhereFromAPodSoTheNextFileIsAsked(@TempDir Path folder)
      throws IOException {
    Path first = Files.writeString(folder.resolve("a"), "nameserver 127.0.0.53\n");
    Path second =
        Files.writeString(
            folder.resolve("b"),
            "# x\nnameserver 192.0.2.1\nsearch example.org\noptions ndots:2\n");

    DNSConfig config = HostResolver.read(List.of(folder.resolve("none"), first, second));

    assertThat(config.getServersList()).containsExactly("192.0.2.1");
    assertThat(config.getSearchesList()).containsExactly("example.org");
    assertThat(config.getOptionsList()).containsExactly("ndots:2");
  }
}
