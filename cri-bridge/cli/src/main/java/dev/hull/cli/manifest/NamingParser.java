package dev.hull.cli.manifest;

import dev.hull.cli.pod.Naming;
import dev.hull.cli.pod.Naming.DnsOption;
import dev.hull.cli.pod.Naming.DnsPolicy;
import dev.hull.cli.pod.Naming.HostAlias;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads names, hosts and the resolver's configuration. */
final class NamingParser {
  private static final Map<String, DnsPolicy> POLICIES =
      Map.of(
          "ClusterFirst", DnsPolicy.CLUSTER_FIRST,
          "ClusterFirstWithHostNet", DnsPolicy.CLUSTER_FIRST,
          "Default", DnsPolicy.DEFAULT,
          "None", DnsPolicy.NONE);
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]{7,15}|[0-9a-fA-F:.]{2,45}");
  private static final int MOST_SERVERS = 3;
  private static final int MOST_SEARCHES = 32;

  private NamingParser() {}

  static Naming naming(Fields spec) {
    String hostname = spec.matching("hostname", Names.LABEL);
    String override = spec.matching("hostnameOverride", Names.SUBDOMAIN);
    if (override.length() > 64) {
      spec.problem("hostnameOverride", ": must have at most 64 characters");
    }
    String subdomain = spec.matching("subdomain", Names.LABEL);
    boolean full = spec.bool("setHostnameAsFQDN");
    if (full && !override.isEmpty()) {
      spec.problem("setHostnameAsFQDN", ": and hostnameOverride exclude each other");
    }
    DnsPolicy policy = spec.choice("dnsPolicy", POLICIES, DnsPolicy.CLUSTER_FIRST);
    Optional<Fields> dns = spec.mapping("dnsConfig");
    List<String> servers = dns.map(NamingParser::servers).orElse(List.of());
    List<String> searches = dns.map(NamingParser::searches).orElse(List.of());
    List<DnsOption> options = dns.map(NamingParser::options).orElse(List.of());
    dns.ifPresent(Fields::finish);
    if (policy == DnsPolicy.NONE && servers.isEmpty()) {
      spec.problem("dnsPolicy", ": None needs at least one of dnsConfig.nameservers");
    }
    return new Naming(
        hostname, override, subdomain, full, aliases(spec), policy, servers, searches, options);
  }

  private static List<HostAlias> aliases(Fields spec) {
    List<HostAlias> aliases = new ArrayList<>();
    for (Fields alias : spec.mappings("hostAliases")) {
      String ip = alias.required("ip");
      if (!ip.isEmpty() && !ADDRESS.matcher(ip).matches()) {
        alias.problem("ip", ": " + ip + " is no IP address");
      }
      List<String> names = alias.strings("hostnames");
      for (String name : names) {
        Names.SUBDOMAIN.check(alias, "hostnames", name);
      }
      alias.finish();
      aliases.add(new HostAlias(ip, names));
    }
    return aliases;
  }

  private static List<String> servers(Fields dns) {
    List<String> servers = dns.strings("nameservers");
    if (servers.size() > MOST_SERVERS) {
      dns.problem("nameservers", ": must be at most " + MOST_SERVERS);
    }
    for (String server : servers) {
      if (!ADDRESS.matcher(server).matches()) {
        dns.problem("nameservers", ": " + server + " is no IP address");
      }
    }
    return servers;
  }

  private static List<String> searches(Fields dns) {
    List<String> searches = dns.strings("searches");
    if (searches.size() > MOST_SEARCHES) {
      dns.problem("searches", ": must be at most " + MOST_SEARCHES);
    }
    for (String search : searches) {
      if (!search.equals(".")) {
        Names.SUBDOMAIN.check(dns, "searches", search.replaceAll("\\.$", "").replace('_', '-'));
      }
    }
    return searches;
  }

  private static List<DnsOption> options(Fields dns) {
    List<DnsOption> options = new ArrayList<>();
    for (Fields option : dns.mappings("options")) {
      String name = option.required("name");
      Optional<String> value = option.string("value");
      if (name.chars().anyMatch(c -> c <= ' ')
          || value.filter(v -> v.chars().anyMatch(c -> c <= ' ')).isPresent()) {
        option.problem("name", ": must not contain spaces");
      }
      option.finish();
      options.add(new DnsOption(name, value));
    }
    return options;
  }
}
