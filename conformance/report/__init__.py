"""From verdicts to files: results, HTML, Markdown, comparison, badge."""
