package dev.hull.agent.container;

import dev.hull.guest.v1.User;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The container's own /etc/passwd and /etc/group. Names and numbers are looked up as Docker does: a
 * number need not be in the files, a name must; without a group, the user's own is taken. As
 * Kubernetes has it, the groups that list the user are taken too, whatever the group is, unless
 * only the given ones are wanted.
 */
final class UserDatabase {
  private static final int MAX_LINES = 20_000;
  private static final long MAX_NUMBER = Integer.MAX_VALUE;

  private record Account(String name, int uid, int gid, String home) {}

  private record Group(String name, int gid, List<String> members) {}

  private final List<Account> accounts = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();

  /** Lines that are no entries are skipped, as the C library does. */
  UserDatabase(String passwd, String group) {
    passwd.lines().limit(MAX_LINES).forEach(this::account);
    group.lines().limit(MAX_LINES).forEach(this::group);
  }

  private void account(String line) {
    String[] fields = line.split(":", -1);
    if (fields.length >= 6) {
      Optional<Integer> uid = number(fields[2]);
      Optional<Integer> gid = number(fields[3]);
      if (uid.isPresent() && gid.isPresent()) {
        accounts.add(new Account(fields[0], uid.get(), gid.get(), fields[5]));
      }
    }
  }

  private void group(String line) {
    String[] fields = line.split(":", -1);
    if (fields.length >= 4) {
      number(fields[2])
          .ifPresent(gid -> groups.add(new Group(fields[0], gid, List.of(fields[3].split(",")))));
    }
  }

  /**
   * The identity that {@code user} asks for.
   *
   * @throws IllegalArgumentException if it names a user or group that does not exist
   */
  Identity find(User user) {
    int colon = user.getName().indexOf(':');
    String userPart = colon < 0 ? user.getName() : user.getName().substring(0, colon);
    String groupPart = colon < 0 ? "" : user.getName().substring(colon + 1);

    Optional<Account> account =
        account(userPart.isEmpty() ? Optional.of(0) : number(userPart), userPart);
    int uid =
        account
            .map(Account::uid)
            .or(() -> userPart.isEmpty() ? Optional.of(0) : number(userPart))
            .orElseThrow(() -> unknown("user", userPart, "/etc/passwd"));
    int gid = groupPart.isEmpty() ? account.map(Account::gid).orElse(0) : gid(groupPart);
    // Its own group too: else a program that gives it up would gain what is denied to the group.
    Set<Integer> all = new LinkedHashSet<>(List.of(gid));
    if (!user.getOnlyTheseGroups()) {
      account.ifPresent(found -> all.addAll(groupsOf(found.name())));
    }
    user.getSupplementalGroupsList().forEach(group -> all.add(checked(group)));
    return new Identity(
        uid,
        gid,
        List.copyOf(all),
        account.map(Account::home).filter(home -> home.startsWith("/")).orElse("/"));
  }

  private Optional<Account> account(Optional<Integer> uid, String name) {
    Optional<Account> named =
        accounts.stream().filter(account -> account.name().equals(name)).findFirst();
    return named.or(
        () ->
            uid.flatMap(
                number ->
                    accounts.stream().filter(account -> account.uid() == number).findFirst()));
  }

  private List<Integer> groupsOf(String name) {
    return groups.stream().filter(group -> group.members().contains(name)).map(Group::gid).toList();
  }

  private int gid(String name) {
    return groups.stream()
        .filter(group -> group.name().equals(name))
        .map(Group::gid)
        .findFirst()
        .or(() -> number(name))
        .orElseThrow(() -> unknown("group", name, "/etc/group"));
  }

  private static int checked(int group) {
    if (group < 0) {
      throw new IllegalArgumentException(
          "the group " + Integer.toUnsignedString(group) + " is above 2147483647");
    }
    return group;
  }

  private static IllegalArgumentException unknown(String what, String name, String file) {
    return new IllegalArgumentException(
        "the container's "
            + file
            + " has no "
            + what
            + " named "
            + name
            + "; use a number, or a name that is in it");
  }

  /** Numbers of users and groups are 0 to 2147483647. */
  private static Optional<Integer> number(String text) {
    if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    long value = Long.parseLong(text);
    return value > MAX_NUMBER ? Optional.empty() : Optional.of((int) value);
  }
}
