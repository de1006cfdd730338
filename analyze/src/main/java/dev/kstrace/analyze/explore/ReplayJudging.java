package dev.kstrace.analyze.explore;

import dev.kstrace.analyze.Finding;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Says what is wrong with what a target did. */
public interface ReplayJudging {
  /**
   * The findings that count, of every severity.
   *
   * @param replayed a trace of what a target did
   * @throws IOException if it cannot be read or judged
   */
  List<Finding> findings(Path replayed) throws IOException;

  /**
   * The ids of the rules that it judges by.
   *
   * @throws IOException if the rules cannot be read
   */
  List<String> rules() throws IOException;
}
