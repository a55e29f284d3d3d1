"""Write tim3tool/project/aoform.schema.json anew; a test compares it with the tables that it is made of."""

from tim3tool.project.schema import FILE, text

FILE.write_text(text(), encoding="utf-8")
