package dev.kstrace.cli.findings;

import dev.kstrace.analyze.Finding;
import dev.kstrace.analyze.Rule;
import dev.kstrace.analyze.Verdict;
import dev.kstrace.analyze.triage.TriagedFinding;
import dev.kstrace.analyze.triage.TriagedFinding.Status;
import dev.kstrace.analyze.triage.TriagedVerdict;
import dev.kstrace.cli.text.Words;
import dev.kstrace.traces.Escapes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;
import org.jspecify.annotations.Nullable;

/**
 * JUnit XML: a trace is a test suite, a rule a test case. A case fails where a new finding reaches
 * the gate, and is skipped where the rule does not apply; findings that do not count are its
 * output.
 */
public final class FindingsJunit implements FindingsFormat {
  private static final int LINES = 100;

  private final Setting setting;
  private final List<Suite> suites = new ArrayList<>();

  /** What became of a test case. */
  private enum Result {
    PASSED,
    FAILURE,
    ERROR,
    SKIPPED
  }

  /**
   * @param name the rule
   * @param message one line; empty where it passed
   * @param output findings, one on a line
   */
  private record Case(String name, Result result, String message, List<String> output) {}

  private record Suite(String name, List<Case> cases) {
    long count(Result result) {
      return cases.stream().filter(one -> one.result == result).count();
    }
  }

  /** Writes nothing before the end, since the first line has the sums. */
  public FindingsJunit(Setting setting) {
    this.setting = setting;
  }

  @Override
  public void add(TriagedVerdict verdict) {
    Map<String, List<TriagedFinding>> byRule =
        verdict.findings().stream()
            .collect(Collectors.groupingBy(triaged -> triaged.finding().rule()));
    Map<String, String> missing =
        verdict.verdict().notApplicable().stream()
            .collect(Collectors.toMap(Verdict.NotApplicable::rule, Verdict.NotApplicable::missing));
    Map<String, String> failed =
        verdict.verdict().failed().stream()
            .collect(Collectors.toMap(one -> one.rule().id(), Verdict.Failed::reason));
    List<Case> cases = new ArrayList<>();
    for (Rule rule : setting.rules()) {
      String id = rule.id();
      if (failed.containsKey(id)) {
        cases.add(new Case(id, Result.ERROR, String.valueOf(failed.get(id)), List.of()));
      } else if (missing.containsKey(id)) {
        cases.add(
            new Case(id, Result.SKIPPED, "not applicable: needs " + missing.get(id), List.of()));
      } else {
        cases.add(judged(id, byRule.getOrDefault(id, List.of())));
      }
    }
    suites.add(new Suite(verdict.facts().file().toString(), cases));
  }

  private Case judged(String rule, List<TriagedFinding> findings) {
    List<String> lines = findings.stream().limit(LINES).map(FindingsJunit::line).toList();
    if (findings.size() > LINES) {
      lines = new ArrayList<>(lines);
      lines.add("and " + (findings.size() - LINES) + " more");
    }
    List<TriagedFinding> failing =
        findings.stream()
            .filter(triaged -> triaged.status() == Status.NEW)
            .filter(triaged -> setting.fails(triaged.finding().severity()))
            .toList();
    if (failing.isEmpty()) {
      return new Case(rule, Result.PASSED, "", lines);
    }
    String message =
        Words.count(failing.size(), "finding")
            + ", the first at "
            + place(failing.get(0).finding());
    return new Case(rule, Result.FAILURE, message, lines);
  }

  private static String line(TriagedFinding triaged) {
    Finding finding = triaged.finding();
    String status =
        triaged.status() == Status.NEW
            ? ""
            : triaged.status().name().toLowerCase(Locale.ROOT) + " ";
    return status
        + finding.severity().label()
        + (finding.certain() ? " " : " (possible) ")
        + place(finding)
        + " ["
        + finding.fingerprint()
        + "]";
  }

  private static String place(Finding finding) {
    String during = finding.mark() == null ? "" : ", during " + finding.mark().label();
    return "seq " + Long.toUnsignedString(finding.seq()) + ": " + finding.message() + during;
  }

  @Override
  public void unreadable(Path file, String why) {
    suites.add(
        new Suite(file.toString(), List.of(new Case("readable", Result.ERROR, why, List.of()))));
  }

  @Override
  public void end(Outcome outcome) throws IOException {
    try {
      XMLStreamWriter xml =
          XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(setting.out(), "UTF-8");
      xml.writeStartDocument("UTF-8", "1.0");
      xml.writeCharacters("\n");
      xml.writeStartElement("testsuites");
      xml.writeAttribute("name", "kstrace");
      counts(xml, suites);
      for (Suite suite : suites) {
        write(xml, suite);
      }
      xml.writeCharacters("\n");
      xml.writeEndElement();
      xml.writeCharacters("\n");
      xml.writeEndDocument();
      xml.flush();
    } catch (XMLStreamException e) {
      throw new IOException("cannot write XML: " + e.getMessage(), e);
    }
  }

  private static void counts(XMLStreamWriter xml, List<Suite> suites) throws XMLStreamException {
    xml.writeAttribute("tests", sum(suites, null));
    xml.writeAttribute("failures", sum(suites, Result.FAILURE));
    xml.writeAttribute("errors", sum(suites, Result.ERROR));
    xml.writeAttribute("skipped", sum(suites, Result.SKIPPED));
    xml.writeAttribute("time", "0");
  }

  private static String sum(List<Suite> suites, @Nullable Result result) {
    return Long.toString(
        suites.stream()
            .mapToLong(suite -> result == null ? suite.cases.size() : suite.count(result))
            .sum());
  }

  private static void write(XMLStreamWriter xml, Suite suite) throws XMLStreamException {
    xml.writeCharacters("\n  ");
    xml.writeStartElement("testsuite");
    xml.writeAttribute("name", text(suite.name));
    counts(xml, List.of(suite));
    for (Case one : suite.cases) {
      xml.writeCharacters("\n    ");
      xml.writeStartElement("testcase");
      xml.writeAttribute("name", one.name);
      // Surefire's reader makes a suite of its own for another name than the suite's.
      xml.writeAttribute("classname", text(suite.name));
      xml.writeAttribute("time", "0");
      write(xml, one);
      xml.writeEndElement();
    }
    xml.writeCharacters("\n  ");
    xml.writeEndElement();
  }

  private static void write(XMLStreamWriter xml, Case one) throws XMLStreamException {
    String output = one.output.stream().map(FindingsJunit::text).collect(Collectors.joining("\n"));
    if (one.result != Result.PASSED) {
      xml.writeStartElement(one.result.name().toLowerCase(Locale.ROOT));
      xml.writeAttribute("message", text(one.message));
      if (one.result == Result.FAILURE) {
        xml.writeAttribute("type", one.name);
        xml.writeCharacters(output);
      }
      xml.writeEndElement();
    } else if (!output.isEmpty()) {
      xml.writeStartElement("system-out");
      xml.writeCharacters(output);
      xml.writeEndElement();
    }
  }

  /** XML cannot hold control characters, not even escaped ones. */
  private static String text(String fromTrace) {
    return Escapes.escape(fromTrace);
  }
}
