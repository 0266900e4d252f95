"""The HTML report: `gather` collects its data, `page` renders it, `campaign` reads fault campaigns."""
