package dev.hull.images.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** WWW-Authenticate as servers write it. */
class ChallengeTest {
  @Test
  void aBearerChallengeHasRealmServiceAndScope() {
    assertThat(
            Challenge.parse(
                List.of(
                    "Bearer realm=\"https://auth.example/token\",service=\"registry.example\","
                        + "scope=\"repository:a/b:pull,push\"")))
        .containsExactly(
            new Challenge(
                "bearer",
                Map.of(
                    "realm",
                    "https://auth.example/token",
                    "service",
                    "registry.example",
                    "scope",
                    "repository:a/b:pull,push")));
  }

  @Test
  void severalChallengesMayShareAHeaderOrNot() {
    List<Challenge> one =
        Challenge.parse(List.of("Basic realm=\"x\", Bearer realm = y , service=\"z\""));
    List<Challenge> two = Challenge.parse(List.of("basic realm=x", "BEARER Realm=\"y\",service=z"));
    assertThat(one)
        .isEqualTo(two)
        .containsExactly(
            new Challenge("basic", Map.of("realm", "x")),
            new Challenge("bearer", Map.of("realm", "y", "service", "z")));
  }

  @Test
  void quotesMayBeEscapedAndMayNeverEnd() {
    assertThat(Challenge.parse(List.of("Basic realm=\"a\\\"b\\\\\"")))
        .containsExactly(new Challenge("basic", Map.of("realm", "a\"b\\")));
    assertThat(Challenge.parse(List.of("Basic realm=\"a\\")))
        .containsExactly(new Challenge("basic", Map.of("realm", "a\\")));
    assertThat(Challenge.parse(List.of("Negotiate", ""))).hasSize(1);
    assertThat(Challenge.parse(List.of("=\"", ",,,", "\"Basic"))).isEmpty();
  }

  @Test
  void aHeaderWithoutBoundsIsLeftOut() {
    assertThat(Challenge.parse(List.of("Basic realm=" + "x".repeat(10_000)))).isEmpty();
  }
}
