package dev.kstrace.cli;

import dev.kstrace.replay.host.CCompiler;
import dev.kstrace.replay.host.NativeBuildException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A folder with the files that examples in help texts and documents name, in which such a command
 * line is run as a shell would run it there. Not thread-safe.
 */
final class ExampleSandbox {
  private static final Set<String> OUTPUTS = Set.of("-o", "--output", "--write-baseline");
  private static final Pattern FILE =
      Pattern.compile("[\\w./+-]*\\w\\.(arrow|txt|etl|xml|sql|so|c|json|csv|html|[a-z]{2,10})");
  private static final Set<String> NEED_COMPILER =
      Set.of("allocator.c", "allocator.so", "./allocator_test");

  private final Cli cli;

  /** Fills a folder. */
  ExampleSandbox(Path folder) throws IOException {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", System.getenv().getOrDefault("PATH", ""));
    environment.put("KSTRACE_CACHE", folder.resolve("cache").toString());
    cli = new Cli(folder, "", false, environment);
    fill();
    if (hasCompiler()) {
      compile();
    }
  }

  /** Whether what needs a C compiler can be run. */
  static boolean hasCompiler() {
    try {
      CCompiler.find(System.getenv());
      return true;
    } catch (NativeBuildException e) {
      return false;
    }
  }

  /** Whether an example cannot be run without a C compiler. */
  static boolean needsCompiler(String line) {
    return NEED_COMPILER.stream().anyMatch(line::contains);
  }

  private void fill() throws IOException {
    String mic = "capture sim --profile mic-pcm-48k-10ms -o ";
    make(mic + "@mic.arrow --fault double-free");
    make(mic + "@after.arrow");
    Files.copy(cli.file("mic.arrow"), cli.file("before.arrow"));
    Files.createDirectories(cli.file("traces"));
    Files.copy(cli.file("mic.arrow"), cli.file("traces/mic.arrow"));
    Files.writeString(cli.file("mic.txt"), cli.run("text", "@mic.arrow").out());
    byte[] whole = Files.readAllBytes(cli.file("mic.arrow"));
    Files.write(cli.file("torn.arrow"), Arrays.copyOf(whole, whole.length - 100));
    String[] halves = Samples.CLEAN.split("(?m)(?=^5 )", -1);
    String head = "@kstrace.complete_start=true\n@kstrace.clock=nanotime\n";
    Samples.write(cli.file("first.arrow"), head + halves[0].replaceAll("(?m)^@.*\n", ""));
    Samples.write(cli.file("second.arrow"), head + halves[1]);
    Path etl = ReadmeTest.ROOT.resolve("capture/src/test/resources/etl/lossy.etl");
    Files.copy(etl, cli.file("session.etl"));
    Files.writeString(
        cli.file("session.xml"),
        """
        <Events>
        <Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System>
        <Provider Guid="{ce250ee2-6989-5888-fcfa-f2607fd730c7}" /><EventID>1</EventID><TimeCreated
        SystemTime="2017-10-23T00:14:01.500000000Z" /><Execution ProcessID="4" ThreadID="8"
        ProcessorID="0" /></System><EventData><Data Name="Seq">1</Data><Data Name="Context"
        >0x20</Data><Data Name="Frame">0x1000</Data><Data Name="Irql">0</Data></EventData></Event>
        </Events>
        """);
    Files.writeString(
        cli.file("vivid.txt"),
        """
        # tracer: nop
        # entries-in-buffer/entries-written: 2/2   #P:2
           cap-107   [001] ..... 3.000001: vb2alloc: (vb2_vmalloc_alloc+0x0/0x9 [m]) size=0x1000
           cap-107   [001] ..... 3.000002: vb2allocret: (q+0x1/0x2 [m] <- vb2_vmalloc_alloc) mem=0xff10
        """);
    Path rules = Files.createDirectories(cli.file("my-rules/long-hold"));
    DocsPage own = DocsPage.of(ReadmeTest.ROOT.resolve("docs/own-rules.md"));
    String trace = own.block("text");
    Files.writeString(rules.resolveSibling("long-hold.sql"), own.block("sql"));
    Files.writeString(rules.resolve("hit.txt"), trace);
    Files.writeString(
        rules.resolve("clean.txt"),
        trace.replaceAll("(?m)^#.*\n", "").replace("t=5000000", "t=5000"));
  }

  private void compile() throws IOException {
    Path replay = ReadmeTest.ROOT.resolve("replay/src/test/c/pool_frames.c");
    Files.writeString(
        cli.file("allocator.c"),
        Files.readString(replay).replace("PoolAllocatorDispatch", "AllocatorDispatch"));
    Path c = ReadmeTest.ROOT.resolve("capture/src");
    Process compiler =
        new ProcessBuilder(
                "cc",
                "-std=gnu99",
                "-I" + c.resolve("main/c"),
                c.resolve("test/c/ring_threads.c").toString(),
                "-o",
                cli.file("ring_threads").toString(),
                "-lpthread")
            .redirectErrorStream(true)
            .redirectOutput(cli.file("cc.log").toFile())
            .start();
    try {
      if (compiler.waitFor() != 0) {
        throw new IOException(Files.readString(cli.file("cc.log")));
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    Path test = cli.file("allocator_test");
    Files.writeString(test, "#!/bin/sh\nexec '" + cli.file("ring_threads") + "' 1 40\n");
    if (!test.toFile().setExecutable(true)) {
      throw new IOException("cannot make " + test + " executable");
    }
    make("build-target @allocator.c -o @allocator.so");
  }

  private void make(String line) throws IOException {
    Cli.Result result = cli.run(line.split(" ", -1));
    if (result.code() != 0) {
      throw new IOException(line + ": " + result.all());
    }
  }

  Path file(String name) {
    return cli.file(name);
  }

  /**
   * Runs a line that begins with {@code kstrace}. Outputs of earlier lines are in its way no more;
   * {@code > FILE} and {@code | head -n N} are obeyed, any other pipe is left out.
   */
  Cli.Result run(String line) {
    List<String> words = words(line);
    if (!words.get(0).matches("(\\./)?kstrace")) {
      throw new IllegalArgumentException("no line of kstrace: " + line);
    }
    int pipe = words.indexOf("|");
    List<String> behind = pipe < 0 ? List.of() : words.subList(pipe + 1, words.size());
    words = words.subList(1, pipe < 0 ? words.size() : pipe);
    if (words.equals(List.of("demo"))) {
      words = List.of("demo", "-o", "kstrace-demo"); // where it would write without a word
    }
    try {
      int into = words.indexOf(">");
      Cli.Result result = cli.run(resolved(into < 0 ? words : words.subList(0, into)));
      if (into >= 0) {
        Files.writeString(cli.file(words.get(into + 1)), result.out());
      }
      return behind.size() == 3 && behind.subList(0, 2).equals(List.of("head", "-n"))
          ? head(result, Integer.parseInt(behind.get(2)))
          : result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Cli.Result head(Cli.Result result, int lines) {
    String out =
        result.out().lines().limit(lines).map(line -> line + "\n").collect(Collectors.joining());
    return new Cli.Result(result.code(), out, result.err());
  }

  private String[] resolved(List<String> words) throws IOException {
    List<String> resolved = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      boolean output = i > 0 && OUTPUTS.contains(words.get(i - 1));
      if (output) {
        Path old = cli.file(word);
        if (Files.isRegularFile(old)) {
          Files.delete(old);
        }
      }
      if (word.contains("*") && !word.contains(" ")) {
        resolved.addAll(expanded(word));
      } else if (word.startsWith("native:")) {
        resolved.add("native:" + cli.file(word.substring(7)));
      } else if (output || isFile(word)) {
        resolved.add(cli.file(word).normalize().toString());
      } else {
        resolved.add(word);
      }
    }
    return resolved.toArray(String[]::new);
  }

  private boolean isFile(String word) {
    return FILE.matcher(word).matches()
        || (word.matches("[\\w./-]+") && !word.startsWith("-") && Files.exists(cli.file(word)));
  }

  private Set<String> expanded(String pattern) throws IOException {
    int slash = pattern.lastIndexOf('/') + 1;
    Set<String> names = new TreeSet<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(cli.file(pattern.substring(0, slash)), pattern.substring(slash))) {
      files.forEach(file -> names.add(file.toString()));
    }
    return names;
  }

  /** The words of a line, as a shell takes them apart. */
  static List<String> words(String line) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean begun = false;
    char quote = 0;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (quote != 0) {
        if (c == quote) {
          quote = 0;
        } else {
          word.append(c);
        }
      } else if (c == '"' || c == '\'') {
        quote = c;
        begun = true;
      } else if (c == '\\' && i + 1 < line.length()) {
        i++;
        if (line.charAt(i) != '\n') {
          word.append(line.charAt(i));
        }
      } else if (c == ' ' || c == '\n') {
        if (begun || !word.isEmpty()) {
          words.add(word.toString());
        }
        word.setLength(0);
        begun = false;
      } else {
        word.append(c);
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("a quote is not closed: " + line);
    }
    if (begun || !word.isEmpty()) {
      words.add(word.toString());
    }
    return words;
  }
}
