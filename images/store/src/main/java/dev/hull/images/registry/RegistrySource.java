package dev.hull.images.registry;

import dev.hull.images.Digest;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.content.ContentSource;
import dev.hull.images.content.Descriptor;
import dev.hull.images.content.Document;
import dev.hull.images.content.MediaTypes;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One repository, at its mirrors and its registry. What a mirror does not have or cannot do, the
 * next one is asked for; the last one's error counts, for that is the registry itself.
 */
final class RegistrySource implements ContentSource {
  private static final Logger log = LoggerFactory.getLogger(RegistrySource.class);

  private final Http http;
  private final List<Session> sessions;
  private volatile int preferred;

  RegistrySource(Http http, List<Session> sessions) {
    this.http = http;
    this.sessions = List.copyOf(sessions);
  }

  @Override
  public Document manifest(String version) {
    return anywhere(session -> manifest(session, version));
  }

  private static Document manifest(Session session, String version) {
    Map<String, String> headers = Map.of("Accept", MediaTypes.ACCEPTED);
    try (Answer answer =
        session.get(session.endpoint().manifest(version), headers, "manifest " + version)) {
      byte[] bytes = answer.body().readNBytes(Document.LARGEST + 1);
      if (bytes.length > Document.LARGEST) {
        throw new ImageException(
            Kind.INVALID,
            "its manifest has more than " + Document.LARGEST + " bytes, which is refused");
      }
      Document document = new Document(bytes, answer.contentType());
      String announced = answer.headers().firstValue("Docker-Content-Digest").orElse("");
      Digest digest = document.digest();
      if (announced.startsWith("sha256:") && !announced.equals(digest.value())) {
        throw new ImageException(
            Kind.CORRUPT,
            session.endpoint().host()
                + " announces its manifest as another than it sends, "
                + digest
                + "; something on the way changes it");
      }
      return document;
    } catch (IOException e) {
      throw new ImageException(
          Kind.UNAVAILABLE,
          session.endpoint().host() + " breaks off its manifest: " + Http.describe(e),
          e);
    }
  }

  @Override
  public InputStream blob(Descriptor descriptor) {
    return new BlobStream(http, descriptor, offset -> anywhere(at -> blob(at, descriptor, offset)));
  }

  private static Answer blob(Session session, Descriptor descriptor, long offset) {
    String digest = descriptor.digest().value();
    Map<String, String> headers = offset == 0 ? Map.of() : Map.of("Range", "bytes=" + offset + "-");
    return session.get(session.endpoint().blob(digest), headers, "blob " + digest);
  }

  private <T> T anywhere(Function<Session, T> ask) {
    List<ImageException> failures = new ArrayList<>();
    int first = preferred;
    for (int i = 0; i < sessions.size(); i++) {
      int at = (first + i) % sessions.size();
      Session session = sessions.get(at);
      try {
        T answer = ask.apply(session);
        preferred = at;
        return answer;
      } catch (ImageException e) {
        if (Thread.currentThread().isInterrupted()) {
          throw e;
        }
        failures.add(e);
        if (at < sessions.size() - 1) {
          log.atWarn()
              .addKeyValue("mirror", session.endpoint().host())
              .addKeyValue("reason", e.getMessage())
              .log("a mirror is passed over");
        }
      }
    }
    // With a mirror preferred the round ends at another mirror: the registry's own error counts.
    int registry = (sessions.size() - 1 - first + sessions.size()) % sessions.size();
    ImageException told = failures.get(registry);
    failures.stream().filter(other -> other != told).forEach(told::addSuppressed);
    throw told;
  }
}
