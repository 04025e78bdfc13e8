package dev.hull.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.content.ContentSource;
import dev.hull.images.content.Descriptor;
import dev.hull.images.content.Document;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Blob;
import dev.hull.images.fake.SampleImage.Form;
import dev.hull.images.reference.ImageReference;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What registries do, and what of it a pull survives. */
class RegistryTest {
  static final RegistryConfig.Patience QUICK =
      new RegistryConfig.Patience(
          Duration.ofSeconds(5),
          Duration.ofSeconds(2),
          Duration.ofMillis(300),
          3,
          Duration.ofMillis(5));

  private final FakeRegistry registry = new FakeRegistry();
  private final FakeRegistry mirror = new FakeRegistry();
  private final SampleImage image = SampleImage.of(Form.GZIP, SampleImage.noise(1, 200_000));
  private final Blob layer = image.layers().getFirst();
  private RegistryClient client =
      new RegistryClient(new RegistryConfig(Map.of(), Set.of(), Map.of(), Map.of(), QUICK));

  @AfterEach
  void close() {
    client.close();
    registry.close();
    mirror.close();
  }

  private void configure(List<String> mirrors, Map<String, Credentials> credentials) {
    client.close();
    client =
        new RegistryClient(
            new RegistryConfig(
                Map.of(registry.host(), mirrors), Set.of(), credentials, Map.of(), QUICK));
  }

  private ContentSource source() {
    return source(Credentials.NONE);
  }

  private ContentSource source(Credentials credentials) {
    return client.open(ImageReference.parse(registry.host() + "/team/app:1"), credentials);
  }

  private byte[] fetchLayer(ContentSource source) throws IOException {
    return fetch(source, layer);
  }

  private static byte[] fetch(ContentSource source, Blob blob) throws IOException {
    Descriptor descriptor =
        new Descriptor(
            blob.mediaType(), blob.digest(), blob.bytes().length, Optional.empty(), Map.of());
    try (InputStream content = source.blob(descriptor)) {
      return content.readAllBytes();
    }
  }

  private void refused(Runnable call, Kind kind, String... words) {
    assertThatThrownBy(call::run)
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind))
        .hasMessageContainingAll(words);
  }

  private void refusedLayer(String... words) {
    refused(
        () -> {
          try {
            fetchLayer(source());
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        },
        Kind.UNAVAILABLE,
        words);
  }

  private static boolean isBlob(HttpExchange exchange) {
    return exchange.getRequestURI().getPath().contains("/blobs/");
  }

  @Test
  void passingTroubleIsTriedAgain() {
    registry.push("team/app", "1", image);
    registry.failTimes(2, "/manifests/1", 503);
    assertThat(source().manifest("1").digest()).isEqualTo(image.manifest().digest());
    assertThat(registry.gets("/manifests/1")).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 504})
  void lastingTroubleIsReported(int status) {
    registry.failTimes(1000, "/manifests/1", status);
    refused(
        () -> source().manifest("1"),
        Kind.UNAVAILABLE,
        registry.host() + " answers " + status + " (asked 3 times)",
        status == 429 ? "configure a mirror" : "try again later");
  }

  @Test
  void aWaitThatTheServerAsksForIsBounded() {
    registry.fail(
        exchange -> {
          exchange.getResponseHeaders().set("Retry-After", "3600");
          FakeRegistry.answer(exchange, 429, "text/plain", new byte[0]);
          return true;
        });
    refused(() -> source().manifest("1"), Kind.UNAVAILABLE, "429 (asked 1 times)");
  }

  @Test
  void aRegistryThatIsNotThereIsReported() {
    registry.close();
    refused(() -> source().manifest("1"), Kind.UNAVAILABLE, registry.host(), "cannot be reached");
  }

  @Test
  void aRegistryThatNeverAnswersIsGivenUp() {
    CountDownLatch end = new CountDownLatch(1);
    registry.fail(
        exchange -> {
          await(end);
          return true;
        });
    client.close();
    client =
        new RegistryClient(
            new RegistryConfig(
                Map.of(),
                Set.of(),
                Map.of(),
                Map.of(),
                new RegistryConfig.Patience(
                    Duration.ofSeconds(5),
                    Duration.ofMillis(100),
                    Duration.ofMillis(100),
                    2,
                    Duration.ofMillis(5))));
    refused(() -> source().manifest("1"), Kind.UNAVAILABLE, "no answer within 100 ms");
    end.countDown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aTransferThatBreaksGoesOnWhereItStopped() throws IOException {
    registry.push("team/app", "1", image);
    AtomicInteger breaks = new AtomicInteger(2);
    registry.fail(
        exchange -> {
          if (!isBlob(exchange) || breaks.getAndDecrement() <= 0) {
            return false;
          }
          exchange.sendResponseHeaders(200, layer.bytes().length);
          exchange.getResponseBody().write(layer.bytes(), 0, 70_000);
          exchange.getResponseBody().flush();
          throw new IOException("cut");
        });
    assertThat(fetchLayer(source())).isEqualTo(layer.bytes());
    assertThat(registry.gets(layer.digest().value())).isEqualTo(3);
  }

  @Test
  void aTransferThatStallsGoesOnToo() throws IOException {
    registry.push("team/app", "1", image);
    CountDownLatch end = new CountDownLatch(1);
    AtomicInteger stalls = new AtomicInteger(1);
    registry.fail(
        exchange -> {
          if (!isBlob(exchange) || stalls.getAndDecrement() <= 0) {
            return false;
          }
          exchange.sendResponseHeaders(200, layer.bytes().length);
          exchange.getResponseBody().write(layer.bytes(), 0, 70_000);
          exchange.getResponseBody().flush();
          await(end);
          return true;
        });
    assertThat(fetchLayer(source())).isEqualTo(layer.bytes());
    end.countDown();
  }

  /** Gives so many bytes at a time, and breaks off. */
  private void breakAfter(Blob blob, int bytes) {
    registry.fail(
        exchange -> {
          if (!isBlob(exchange)) {
            return false;
          }
          int from =
              Optional.ofNullable(exchange.getRequestHeaders().getFirst("Range"))
                  .map(range -> Integer.parseInt(range.replaceAll("[^0-9]", "")))
                  .orElse(0);
          int length = blob.bytes().length - from;
          exchange
              .getResponseHeaders()
              .set(
                  "Content-Range",
                  "bytes %d-%d/%d".formatted(from, blob.bytes().length - 1, blob.bytes().length));
          exchange.sendResponseHeaders(from == 0 ? 200 : 206, length);
          exchange.getResponseBody().write(blob.bytes(), from, Math.min(bytes, length));
          exchange.getResponseBody().flush();
          if (bytes < length) {
            throw new IOException("cut");
          }
          return true;
        });
  }

  @Test
  void aTransferThatBreaksOftenAndAdvancesComesToItsEnd() throws IOException {
    SampleImage large = SampleImage.of(Form.GZIP, SampleImage.noise(1, 16 << 20));
    Blob blob = large.layers().getFirst();
    registry.push("team/app", "1", large);
    breakAfter(blob, (256 << 10) + 1);
    assertThat(fetch(source(), blob)).isEqualTo(blob.bytes());
    assertThat(registry.gets(blob.digest().value())).isGreaterThan(60);
  }

  @Test
  void aTransferThatHardlyAdvancesIsGivenUp() {
    registry.push("team/app", "1", image);
    breakAfter(layer, 100);
    refusedLayer("breaks off after 5100 of " + layer.bytes().length + " bytes");
  }

  @Test
  void aTransferThatAlwaysBreaksIsGivenUp() {
    registry.push("team/app", "1", image);
    registry.fail(
        exchange -> {
          if (!isBlob(exchange)) {
            return false;
          }
          exchange.sendResponseHeaders(200, layer.bytes().length);
          exchange.getResponseBody().flush();
          throw new IOException("cut");
        });
    refusedLayer(
        layer.digest().value(), "breaks off after 0 of " + layer.bytes().length + " bytes");
  }

  @Test
  void aRedirectIsFollowedWithoutOurAuthorization() throws IOException {
    Credentials credentials = new Credentials("me", "s3cret", "", "");
    registry.push("team/app", "1", image);
    mirror.put(layer.digest(), layer.bytes());
    registry.fail(FakeAuth.basic("me", "s3cret"));
    registry.fail(
        exchange -> {
          if (!isBlob(exchange)) {
            return false;
          }
          exchange
              .getResponseHeaders()
              .set(
                  "Location",
                  "http://localhost:" + mirror.port() + "/store/blobs/" + layer.digest());
          FakeRegistry.answer(exchange, 307, "text/plain", new byte[0]);
          return true;
        });
    ContentSource source = source(credentials);
    source.manifest("1");
    assertThat(fetchLayer(source)).isEqualTo(layer.bytes());
    assertThat(registry.asked(asked -> asked.path().contains("/blobs/")))
        .allMatch(asked -> asked.authorization().startsWith("Basic "));
    assertThat(mirror.asked()).hasSize(1).allMatch(asked -> asked.authorization().isEmpty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://example.com/x", "file:///etc/passwd", "https://a:b@host/"})
  void aRedirectToAnUnsafePlaceIsRefused(String location) {
    registry.fail(
        exchange -> {
          exchange.getResponseHeaders().set("Location", location + "?secret=1");
          FakeRegistry.answer(exchange, 302, "text/plain", new byte[0]);
          return true;
        });
    assertThatThrownBy(() -> source().manifest("1"))
        .hasMessageContaining("redirects to")
        .hasMessageContaining("which is refused")
        .hasMessageNotContaining("secret");
  }

  @Test
  void redirectsWithoutEndAreRefused() {
    registry.fail(
        exchange -> {
          exchange.getResponseHeaders().set("Location", exchange.getRequestURI().toString());
          FakeRegistry.answer(exchange, 302, "text/plain", new byte[0]);
          return true;
        });
    refused(() -> source().manifest("1"), Kind.INVALID, "redirects more than 5 times");
  }

  @Test
  void aMirrorIsAskedFirstAndToldWhoseItIs() throws IOException {
    configure(List.of(mirror.host() + "/cache"), Map.of());
    mirror.push("cache/team/app", "1", image);
    ContentSource source = source();
    source.manifest("1");
    assertThat(fetchLayer(source)).isEqualTo(layer.bytes());
    assertThat(registry.asked()).isEmpty();
    assertThat(mirror.asked()).allMatch(asked -> asked.query().equals("ns=" + registry.host()));
  }

  @Test
  void whatAMirrorLacksTheRegistryIsAskedFor() throws IOException {
    configure(List.of(mirror.host()), Map.of());
    registry.push("team/app", "1", image);
    mirror.push("team/app", "1", image.manifest());
    ContentSource source = source();
    source.manifest("1");
    assertThat(registry.asked()).isEmpty();
    assertThat(fetchLayer(source)).isEqualTo(layer.bytes());
    assertThat(mirror.gets(layer.digest().value())).isEqualTo(1);
    assertThat(registry.gets(layer.digest().value())).isEqualTo(1);
  }

  @Test
  void aDeadMirrorDoesNotMatter() {
    configure(List.of(mirror.host()), Map.of());
    registry.push("team/app", "1", image);
    mirror.close();
    assertThat(source().manifest("1").digest()).isEqualTo(image.manifest().digest());
  }

  @Test
  void theErrorIsTheRegistrysOwnWhenNobodyHasIt() {
    configure(List.of(mirror.host()), Map.of());
    mirror.failTimes(1000, "/manifests/1", 500);
    refused(() -> source().manifest("1"), Kind.NOT_FOUND, registry.host() + " answers 404");
  }

  @Test
  void aMirrorNeverSeesTheCredentialsOfAPull() {
    configure(
        List.of(mirror.host()), Map.of(mirror.host(), new Credentials("mirror", "other", "", "")));
    registry.push("team/app", "1", image);
    mirror.fail(FakeAuth.basic("nobody", "at all"));
    source(new Credentials("me", "s3cret", "", "")).manifest("1");
    assertThat(mirror.asked())
        .extracting(FakeRegistry.Asked::authorization)
        .containsExactly("", FakeAuth.header("mirror", "other"));
  }

  @Test
  void aManifestThatIsAnnouncedAsAnotherIsRefused() {
    registry.fail(
        exchange -> {
          exchange.getResponseHeaders().set("Docker-Content-Digest", layer.digest().value());
          FakeRegistry.answer(exchange, 200, SampleImage.OCI_MANIFEST, image.manifest().bytes());
          return true;
        });
    refused(() -> source().manifest("1"), Kind.CORRUPT, "announces its manifest as another");
  }

  @Test
  void manifestsAreAskedForInEveryKindThatWeRead() {
    registry.push("team/app", "1", image);
    StringBuilder accepted = new StringBuilder();
    registry.fail(
        exchange -> {
          accepted.append(exchange.getRequestHeaders().getFirst("Accept"));
          return false;
        });
    Document document = source().manifest("1");
    assertThat(document.mediaType()).isEqualTo(SampleImage.OCI_MANIFEST);
    assertThat(accepted.toString())
        .contains(
            SampleImage.OCI_MANIFEST,
            SampleImage.OCI_INDEX,
            SampleImage.DOCKER_MANIFEST,
            SampleImage.DOCKER_LIST);
  }
}
