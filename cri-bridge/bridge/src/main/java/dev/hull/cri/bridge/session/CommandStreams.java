package dev.hull.cri.bridge.session;

import java.io.IOException;
import java.util.Optional;

/**
 * The streams of an exec or attach, as a client opened them.
 *
 * @param resize JSON objects with {@code Width} and {@code Height}, one after the other
 * @param error where the outcome is told
 * @param jsonOutcome true since version 4 of the protocol
 */
public record CommandStreams(
    ClientConnection connection,
    Optional<ByteStream> stdin,
    Optional<ByteStream> stdout,
    Optional<ByteStream> stderr,
    Optional<ByteStream> resize,
    ByteStream error,
    boolean jsonOutcome) {

  /** Tells how it ended, and ends what goes to the client. */
  void tell(Outcome outcome) throws IOException {
    byte[] said = jsonOutcome ? outcome.json() : outcome.text();
    if (said.length > 0) {
      error.write(said);
    }
    stdout.ifPresent(ByteStream::finish);
    stderr.ifPresent(ByteStream::finish);
    stdin.ifPresent(ByteStream::finish);
    resize.ifPresent(ByteStream::finish);
    error.finish();
  }
}
