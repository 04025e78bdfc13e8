package dev.hull.images.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.images.ImageException;
import dev.hull.images.ImageException.Kind;
import dev.hull.images.Images.Credentials;
import dev.hull.images.content.ContentSource;
import dev.hull.images.fake.FakeRegistry;
import dev.hull.images.fake.SampleImage;
import dev.hull.images.fake.SampleImage.Form;
import dev.hull.images.reference.ImageReference;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may pull, and that nobody learns a secret who should not. */
class AuthorizationTest {
  private static final String SECRET = "s3cret-Pässword";

  private final FakeRegistry registry = new FakeRegistry();
  private final SampleImage image = SampleImage.of(Form.GZIP, SampleImage.noise(1, 100));
  private final List<String> forms = new CopyOnWriteArrayList<>();
  private RegistryClient client =
      new RegistryClient(
          new RegistryConfig(Map.of(), Set.of(), Map.of(), Map.of(), RegistryTest.QUICK));

  @BeforeEach
  void push() {
    registry.push("team/app", "1", image);
  }

  @AfterEach
  void close() {
    client.close();
    registry.close();
  }

  private ContentSource source(Credentials credentials) {
    return client.open(ImageReference.parse(registry.host() + "/team/app:1"), credentials);
  }

  private void pulls(Credentials credentials) {
    assertThat(source(credentials).manifest("1").digest()).isEqualTo(image.manifest().digest());
  }

  private void refused(Credentials credentials, String... words) {
    assertThatThrownBy(() -> source(credentials).manifest("1"))
        .isInstanceOfSatisfying(
            ImageException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Kind.UNAUTHORIZED))
        .hasMessageContainingAll(words)
        .hasMessageNotContaining(SECRET)
        .hasMessageNotContaining(FakeAuth.header("me", SECRET))
        .hasStackTraceContaining("ImageException");
  }

  private void demandToken(String token, String answer) {
    registry.fail(
        FakeAuth.demand(
            "Bearer " + token,
            "Bearer realm=\"http://"
                + registry.host()
                + "/token?x=1\",service=\"the registry\",scope=\"repository:team/app:pull\""));
    registry.fail(
        exchange -> {
          if (!exchange.getRequestURI().getPath().equals("/token")) {
            return false;
          }
          forms.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
          FakeRegistry.answer(exchange, 200, "application/json", SampleImage.utf8(answer));
          return true;
        });
  }

  @Test
  void anonymous() {
    pulls(Credentials.NONE);
    assertThat(registry.asked()).allMatch(asked -> asked.authorization().isEmpty());
  }

  @Test
  void basicOnlyWhenAskedForIt() {
    registry.fail(FakeAuth.basic("me", SECRET));
    pulls(new Credentials("me", SECRET, "", ""));
    assertThat(registry.asked())
        .extracting(FakeRegistry.Asked::authorization)
        .containsExactly("", FakeAuth.header("me", SECRET));
  }

  @Test
  void wrongPasswordIsRefusedAndNotRepeated() {
    registry.fail(FakeAuth.basic("me", "another"));
    refused(
        new Credentials("me", SECRET, "", ""),
        registry.host() + " answers 401 UNAUTHORIZED to the manifest 1",
        "the credentials are refused; check them, or log in again");
  }

  @Test
  void aRegistryThatWantsAPasswordAndGetsNone() {
    registry.fail(FakeAuth.basic("me", SECRET));
    refused(Credentials.NONE, "wants a user name and a password; log in");
  }

  @Test
  void theConfigurationsCredentialsAreUsedUnlessThePullHasItsOwn() {
    client.close();
    client =
        new RegistryClient(
            new RegistryConfig(
                Map.of(),
                Set.of(),
                Map.of(registry.host(), new Credentials("me", SECRET, "", "")),
                Map.of(),
                RegistryTest.QUICK));
    registry.fail(FakeAuth.basic("me", SECRET));
    pulls(Credentials.NONE);
    refused(new Credentials("you", "other", "", ""), "the credentials are refused");
  }

  @Test
  void anAnonymousTokenIsFetchedOnceForAllRequests() {
    demandToken("t0ken", "{\"token\":\"t0ken\",\"expires_in\":300}");
    ContentSource source = source(Credentials.NONE);
    source.manifest("1");
    source.manifest(image.manifest().digest().value());
    List<FakeRegistry.Asked> tokens = registry.asked(asked -> asked.path().equals("/token"));
    assertThat(tokens).hasSize(1);
    assertThat(tokens.getFirst().query())
        .isEqualTo("x=1&service=the+registry&scope=repository%3Ateam%2Fapp%3Apull");
    assertThat(tokens.getFirst().authorization()).isEmpty();
  }

  @Test
  void aTokenForAUserIsFetchedWithBasic() {
    demandToken("t0ken", "{\"access_token\":\"t0ken\"}");
    pulls(new Credentials("me", SECRET, "", ""));
    assertThat(registry.asked(asked -> asked.path().equals("/token")))
        .extracting(FakeRegistry.Asked::authorization)
        .containsExactly(FakeAuth.header("me", SECRET));
  }

  @Test
  void anIdentityTokenIsPostedAsARefreshToken() {
    demandToken("t0ken", "{\"access_token\":\"t0ken\"}");
    pulls(new Credentials("", "", "identity/+", ""));
    assertThat(forms)
        .containsExactly(
            "grant_type=refresh_token&client_id=hull&service=the+registry"
                + "&scope=repository%3Ateam%2Fapp%3Apull&refresh_token=identity%2F%2B");
    assertThat(registry.asked(asked -> asked.path().equals("/token")))
        .allMatch(asked -> asked.method().equals("POST") && asked.authorization().isEmpty());
  }

  @Test
  void aRegistryTokenIsSentAsItIs() {
    demandToken("given", "{}");
    pulls(new Credentials("", "", "", "given"));
    assertThat(forms).isEmpty();
  }

  @Test
  void aTokenThatExpiresIsRenewed() {
    AtomicInteger round = new AtomicInteger(1);
    registry.fail(
        exchange -> {
          if (exchange.getRequestURI().getPath().equals("/token")) {
            FakeRegistry.answer(
                exchange,
                200,
                "application/json",
                SampleImage.utf8("{\"token\":\"t" + round.get() + "\"}"));
            return true;
          }
          return FakeAuth.demand(
                  "Bearer t" + round.get(), "Bearer realm=\"http://" + registry.host() + "/token\"")
              .answers(exchange);
        });
    ContentSource source = source(Credentials.NONE);
    source.manifest("1");
    round.incrementAndGet();
    source.manifest("1");
    assertThat(registry.gets("/token")).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://example.com/token",
        "file:///etc/passwd",
        "https://a:b@example.com/token",
        "not an address",
        ""
      })
  void aHostileRealmIsNotAsked(String realm) {
    registry.fail(FakeAuth.demand("Bearer x", "Bearer realm=\"" + realm + "\""));
    refused(new Credentials("me", SECRET, "", ""), registry.host(), "tokens");
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"token\":\"a\\r\\nX: y\"}", "{\"token\":\"\"}"})
  void anAnswerWithoutATokenIsRefused(String answer) {
    demandToken("t0ken", answer);
    refused(new Credentials("me", SECRET, "", ""), "no token instead of a token for team/app");
  }

  @Test
  void aTokenAnswerWithoutBoundsIsNotReadToItsEnd() {
    demandToken("t0ken", "{\"token\":\"" + "x".repeat(100_000) + "\"}");
    refused(Credentials.NONE, "more than 65536 bytes");
  }

  @Test
  void aTokenServerThatRefusesIsReported() {
    registry.fail(
        FakeAuth.demand("Bearer x", "Bearer realm=\"http://" + registry.host() + "/token\""));
    registry.failTimes(10, "/token", 403);
    refused(
        new Credentials("me", SECRET, "", ""),
        "answers 403 instead of a token for team/app; check the credentials");
  }

  @Test
  void aSecretWithALineBreakGoesNowhere() {
    registry.fail(FakeAuth.demand("Bearer x", "Bearer realm=\"x\""));
    refused(new Credentials("", "", "", "a\r\nX: y"), "has characters that no token has");
  }

  @Test
  void aRegistryThatAsksForWhatWeDoNotHaveIsReported() {
    registry.fail(FakeAuth.demand("Negotiate x", "Negotiate"));
    refused(Credentials.NONE, "names no way that is known here to log in");
  }
}
