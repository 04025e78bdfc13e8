package dev.hull.cli.daemon;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import dev.hull.cli.cri.Cri;
import dev.hull.cli.cri.CriException;
import dev.hull.cri.host.Doctor.Check;
import dev.hull.cri.host.Doctor.Verdict;
import dev.hull.cri.v1.StatusRequest;
import dev.hull.cri.v1.StatusResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Function;

/**
 * What the daemon says of itself, if one runs; none is no fault, for {@code hull run} needs none.
 */
public final class DaemonCheck {
  private static final Duration ANSWER = Duration.ofSeconds(3);
  private static final String NAME = "daemon";

  private DaemonCheck() {}

  /** Asks the daemon at the socket; waits for a few seconds. */
  public static Check of(Path socket, Function<Path, Cri> connect) {
    return Daemons.answering(socket, connect)
        .map(cri -> ask(socket, cri))
        .orElseGet(
            () -> new Check(NAME, Verdict.GOOD, "none runs at " + socket + ", and none must", ""));
  }

  private static Check ask(Path socket, Cri cri) {
    try (cri) {
      StatusResponse said =
          cri.runtime(
              ANSWER, stub -> stub.status(StatusRequest.newBuilder().setVerbose(true).build()));
      return new Check(
          NAME,
          Verdict.GOOD,
          "answers at " + socket + spares(said.getInfoOrDefault("hull", "{}")),
          "");
    } catch (CriException e) {
      return new Check(
          NAME, Verdict.WARNING, "does not tell its state: " + e.getMessage(), "look at its log");
    }
  }

  /** Another runtime's daemon says nothing of the kind. */
  private static String spares(String info) {
    try {
      JsonObject said = JsonParser.parseString(info).getAsJsonObject();
      if (said.has("templates.spare.ready") && said.has("templates.spare")) {
        return "; spare machines that stand by: %s of %s, of %s MiB each"
            .formatted(
                said.get("templates.spare.ready").getAsString(),
                said.get("templates.spare").getAsString(),
                said.get("machine.memory-mib").getAsString());
      }
    } catch (JsonParseException | IllegalStateException e) {
      return "; what it says of itself is no JSON";
    }
    return "";
  }
}
