package dev.hull.agent.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.hull.guest.v1.User;
import java.util.List;
import org.junit.jupiter.api.Test;

class UserDatabaseTest {
  private final UserDatabase database =
      new UserDatabase(
          """
          root:x:0:0:root:/root:/bin/sh
          broken line
          web:x:33:34:www:/var/www:/bin/sh
          huge:x:99999999999:1::/:
          1000:x:55:56::/home/number:
          """,
          """
          root:x:0:
          web:x:34:
          adm:x:4:web,other
          ssl:x:7:web
          """);

  private Identity find(String name) {
    return database.find(User.newBuilder().setName(name).build());
  }

  @Test
  void nobodyIsRoot() {
    assertThat(find("")).isEqualTo(new Identity(0, 0, List.of(0), "/root"));
  }

  @Test
  void aNameBringsItsGroupsAndHome() {
    assertThat(find("web")).isEqualTo(new Identity(33, 34, List.of(34, 4, 7), "/var/www"));
  }

  @Test
  void aNumberOfAnAccountIsThatAccount() {
    assertThat(find("33")).isEqualTo(find("web"));
  }

  @Test
  void aNumberNeedNotBeKnown() {
    assertThat(find("4242")).isEqualTo(new Identity(4242, 0, List.of(0), "/"));
    assertThat(find("4242:77")).isEqualTo(new Identity(4242, 77, List.of(77), "/"));
  }

  @Test
  void aNumberThatIsANameIsTheName() {
    assertThat(find("1000").uid()).isEqualTo(55);
  }

  @Test
  void aGroupTakesThePlaceOfTheAccountsOwnAndOfNoOther() {
    assertThat(find("web:99")).isEqualTo(new Identity(33, 99, List.of(99, 4, 7), "/var/www"));
  }

  @Test
  void onlyTheGivenGroupsAreTakenIfAsked() {
    User user =
        User.newBuilder().setName("web").addSupplementalGroups(99).setOnlyTheseGroups(true).build();
    assertThat(database.find(user)).isEqualTo(new Identity(33, 34, List.of(34, 99), "/var/www"));
  }

  @Test
  void supplementalGroupsAreAdded() {
    User user = User.newBuilder().setName("web").addSupplementalGroups(99).build();
    assertThat(database.find(user).groups()).containsExactly(34, 4, 7, 99);
  }

  @Test
  void aNameThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> find("ghost"))
        .hasMessage(
            "the container's /etc/passwd has no user named ghost;"
                + " use a number, or a name that is in it");
    assertThatThrownBy(() -> find("web:ghosts")).hasMessageContaining("no group named ghosts");
    assertThatThrownBy(() -> find("4294967296")).hasMessageContaining("no user named 4294967296");
    assertThatThrownBy(() -> find("huge")).hasMessageContaining("no user named huge");
  }
}
